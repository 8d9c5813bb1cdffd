"""The catalogue: the project's registry, overlays of it, and what a model's name stands for."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from vibench import UsageError
from vibench.errors import RegistryError, UnknownName
from vibench.judging.rubrics import VALUES
from vibench.plugins import Plugins
from vibench.registry import Catalogue, load_catalogue
from vibench.validation import schema_file

PROJECT = Path(__file__).parents[1]

KINDNESS = """
[values.kindness]
valence = "positive"
category = "Social values"
definition = "being kind"
induction = "Be kind."
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIBENCH_REGISTRY", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue()


def overlay(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# --- what the project's own file holds ---------------------------------------------


def test_the_values_are_the_papers_fifteen(catalogue: Catalogue) -> None:
    assert tuple(catalogue.values) == VALUES
    assert catalogue.value("violence").valence == "negative"
    assert catalogue.value("engagement").valence == "neutral"


def test_the_models_are_table_9_and_the_embedded_ones(catalogue: Catalogue) -> None:
    hub = [name for name in catalogue.models if not catalogue.embedded(name)]
    assert set(hub) == set(catalogue.profile("paper").models)
    assert len(hub) == 8
    base = catalogue.model("Llama-3.1-Base")
    assert (base.stage, base.source) == ("base", "meta-llama/Llama-3.1-8B")
    assert base.identity == "hub:meta-llama/Llama-3.1-8B@main"
    assert base.chat_template_identity == "hub:meta-llama/Llama-3.1-8B-Instruct@main"


def test_the_profiles_hold_the_papers_settings_and_what_needs_no_network(
    catalogue: Catalogue,
) -> None:
    paper, embedded = catalogue.profile("paper"), catalogue.profile("embedded")
    assert (paper.sampling.temperature, paper.sampling.top_p) == (0.7, 0.95)
    assert paper.sampling.max_tokens == 2048
    assert paper.values == VALUES
    assert not paper.embedded_data
    assert embedded.embedded_data
    assert all(catalogue.embedded(name) for name in (*embedded.models, embedded.simulator or ""))


def test_what_the_embedded_profile_names_is_there(catalogue: Catalogue) -> None:
    plugins, embedded = Plugins.discover(), catalogue.profile("embedded")
    (judge,) = embedded.judges
    assert plugins.get("judge", judge).baseline
    assert plugins.get("judge", embedded.extractor).baseline
    assert embedded.engine in plugins.names("engine")
    for name, settings in embedded.settings.items():
        plugins.resolved("inducer", name, settings)


def test_sources_of_the_paper_profile_are_described_and_can_be_read(catalogue: Catalogue) -> None:
    names = catalogue.profile("paper").sources
    assert set(names) == set(catalogue.sources)
    assert set(names) <= set(Plugins.discover().names("source"))


def test_a_catalogue_is_frozen(catalogue: Catalogue) -> None:
    with pytest.raises(FrozenInstanceError):
        catalogue.values = {}  # type: ignore[misc]


def test_the_shipped_schema_is_valid() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema_file("registry"))


# --- overlays ---------------------------------------------------------------------------


def test_an_overlay_adds_a_value_without_code(tmp_path: Path) -> None:
    path = overlay(tmp_path / "mine.toml", KINDNESS)
    assert load_catalogue([path]).value("kindness").definition == "being kind"


def test_a_table_of_the_same_name_replaces_the_keys_it_gives_and_no_others(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = overlay(tmp_path / "mine.toml", '[values.empathy]\ninduction = "Feel with me."\n')
    changed = load_catalogue([path]).value("empathy")
    assert changed.induction == "Feel with me."
    assert changed.definition == catalogue.value("empathy").definition


def test_overlays_are_read_in_order_folder_variable_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(place: str) -> str:
        return (
            f'[values.empathy]\ninduction = "{place}"\n[models.m-{place}]\nsource = "a/{place}"\n'
        )

    overlay(Path("registry.toml"), says("folder"))
    assert load_catalogue().value("empathy").induction == "folder"
    one = overlay(tmp_path / "one.toml", says("variable-1"))
    two = overlay(tmp_path / "two.toml", says("variable-2"))
    monkeypatch.setenv("VIBENCH_REGISTRY", f"{one}{os.pathsep}{two}")
    assert load_catalogue().value("empathy").induction == "variable-2"
    named = load_catalogue([overlay(tmp_path / "flag.toml", says("flag"))])
    assert named.value("empathy").induction == "flag"
    assert {"m-folder", "m-variable-1", "m-variable-2", "m-flag"} <= set(named.models)


def test_in_the_projects_own_folder_its_registry_is_not_an_overlay_of_itself(
    catalogue: Catalogue,
) -> None:
    assert load_catalogue(working_folder=PROJECT) == catalogue


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            '[values.empathy]\nvalence = "postive"\n',
            'values.empathy.valence is "postive"; expected one of positive, negative, neutral.',
            "Did you mean positive?",
        ),
        (
            '[values.empathy]\nvalance = "positive"\n',
            "values.empathy.valance is not a known key.",
            "Did you mean valence?",
        ),
        ("[valeus.x]\na = 1\n", "valeus is not a known key.", "Did you mean values?"),
        (
            '[values.kindness]\nvalence = "positive"\n',
            "values.kindness.category is missing; expected a string that is not empty.",
            "",
        ),
        (
            "[values.kindness]\ndefinition = 3\n",
            "values.kindness.definition is 3; expected a string that is not empty.",
            "",
        ),
        (
            '[models."my model"]\nsource = "a/b"\n',
            'models."my model" is not a possible name; expected a name without spaces',
            "",
        ),
        ('[values.all]\nvalence = "neutral"\n', "values.all is not a possible name", ""),
        (
            "[profiles.embedded.sampling]\ntemperature = -1\ntop_p = 1\nmax_tokens = 9\n",
            "profiles.embedded.sampling.temperature is -1; expected a number at least 0",
            "",
        ),
        (
            '[profiles.embedded]\nvalues = ["empaty"]\n',
            "profiles.embedded.values[0] is 'empaty', which is not a value.",
            "Did you mean empathy?",
        ),
        ("[values.empathy\n", "is not valid TOML", "Correct that line."),
        ("values = 3\n", "values is 3; expected a table.", ""),
    ],
)
def test_a_broken_overlay_is_an_error_with_file_key_and_what_was_expected(
    text: str, message: str, hint: str, tmp_path: Path
) -> None:
    path = overlay(tmp_path / "mine.toml", text)
    with pytest.raises(RegistryError) as caught:
        load_catalogue([path])
    assert str(path) in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint
    if "TOML" in message:
        assert "line 1" in caught.value.message


def test_an_overlay_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"absent\.toml cannot be read: No such file"):
        load_catalogue([tmp_path / "absent.toml"])


def test_an_overlay_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RegistryError, match="not valid TOML"):
        load_catalogue([tmp_path / "mine.toml"])


# --- models -----------------------------------------------------------------------------

NO_WEIGHTS = (2).to_bytes(8, "little") + b"{}"
"""A safetensors file without a tensor."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of a model, as far as anyone looks before loading it."""
    folder = tmp_path / "my-model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ 1 }}"}))
    (folder / "model.safetensors").write_bytes(NO_WEIGHTS)
    return folder


def test_a_folder_is_known_by_its_content_and_not_by_its_place(
    folder: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    model = catalogue.model(str(folder))
    assert (model.name, model.stage, model.source) == ("my-model", "instruct", str(folder))
    assert model.identity.startswith("sha256:")
    copied = shutil.copytree(folder, tmp_path / "elsewhere" / "copy")
    assert catalogue.model(str(copied)).identity == model.identity
    (folder / "README.md").write_text("Words about the model are no part of it.")
    assert catalogue.model(str(folder)).identity == model.identity


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
)
def test_a_file_that_changes_is_another_model(
    name: str, folder: Path, catalogue: Catalogue
) -> None:
    before = catalogue.model(str(folder)).identity
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert catalogue.model(str(folder)).identity != before


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("config.json", "no config.json"),
        ("tokenizer.json", "no tokenizer"),
        ("model.safetensors", "no weights"),
    ],
)
def test_a_folder_that_lacks_a_part_is_told_which(
    name: str, missing: str, folder: Path, catalogue: Catalogue
) -> None:
    (folder / name).unlink()
    with pytest.raises(UsageError, match=missing) as caught:
        catalogue.model(str(folder))
    assert str(folder) in caught.value.message


def test_a_path_that_is_not_there_is_not_taken_for_a_hub_id(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match=r"no model folder .*/absent/model"):
        catalogue.model("./absent/model")


def test_a_relative_folder_is_found_in_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    monkeypatch.chdir(folder.parent)
    assert catalogue.model("my-model").source == str(folder)


def test_a_hub_id_may_carry_a_revision(catalogue: Catalogue) -> None:
    plain, pinned = catalogue.model("org/name-7B"), catalogue.model("org/name-7B@abc123")
    assert (plain.identity, plain.revision) == ("hub:org/name-7B@main", None)
    assert (pinned.identity, pinned.revision) == ("hub:org/name-7B@abc123", "abc123")
    assert (pinned.source, pinned.name) == ("org/name-7B", "org/name-7B@abc123")


def test_a_hub_id_that_the_registry_has_keeps_its_stage_and_template(catalogue: Catalogue) -> None:
    listed = catalogue.model("Llama-3.1-Base")
    assert catalogue.model("meta-llama/Llama-3.1-8B") == listed
    pinned = catalogue.model("meta-llama/Llama-3.1-8B@abc")
    assert (pinned.stage, pinned.chat_template) == (listed.stage, listed.chat_template)
    assert pinned.identity == "hub:meta-llama/Llama-3.1-8B@abc"


def test_an_unknown_model_is_answered_with_what_is_near_and_the_three_forms(
    catalogue: Catalogue,
) -> None:
    with pytest.raises(UnknownName) as caught:
        catalogue.model("tiny-bse")
    assert "Did you mean tiny-base" in caught.value.hint
    assert "hub ID" in caught.value.hint
    assert "local folder" in caught.value.hint


def test_paths_in_an_overlay_are_relative_to_the_overlay(folder: Path, tmp_path: Path) -> None:
    path = overlay(
        tmp_path / "settings" / "mine.toml",
        '[models.mine]\nsource = "../my-model"\nstage = "base"\nchat_template = "./chat.jinja"\n',
    )
    template = overlay(tmp_path / "settings" / "chat.jinja", "{{ messages }}")
    model = load_catalogue([path]).model("mine")
    assert (model.source, model.stage) == (str(folder), "base")
    assert model.chat_template == str(template)
    before = model.chat_template_identity
    assert before.startswith("sha256:")
    template.write_text("{{ messages }} ")
    assert load_catalogue([path]).model("mine").chat_template_identity != before


def test_a_borrowed_template_is_known_apart_from_the_weights_beside_it(
    folder: Path, tmp_path: Path
) -> None:
    text = f'[models.mine]\nsource = "org/base"\nchat_template = "{folder}"\n'
    path = overlay(tmp_path / "mine.toml", text)
    before = load_catalogue([path]).model("mine")
    (folder / "model.safetensors").write_bytes(NO_WEIGHTS + b" ")
    assert load_catalogue([path]).model("mine") == before
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ 2 }}"}))
    assert load_catalogue([path]).model("mine") != before
    (folder / "tokenizer_config.json").write_text("{}")
    with pytest.raises(UsageError, match="no chat template"):
        load_catalogue([path]).model("mine")


def test_the_embedded_models_are_whole(catalogue: Catalogue) -> None:
    models = [catalogue.model(name) for name in ("tiny-base", "tiny-sft", "tiny-instruct")]
    assert [model.stage for model in models] == ["base", "sft", "instruct"]
    assert len({model.identity for model in models}) == 3
    assert all(model.identity.startswith("sha256:") for model in models)
    assert models[0].chat_template_identity.startswith("sha256:")
    assert catalogue.model("embedded:tiny-base") == models[0]


def test_a_preference_set_has_one_home(catalogue: Catalogue) -> None:
    """Its source reads what the catalogue says it is."""
    plugins = Plugins.discover()
    assert set(catalogue.sources) == {"pku-saferlhf", "ultrafeedback", "helpsteer2", "hh-rlhf"}
    for name, table in catalogue.sources.items():
        assert vars(plugins.get("source", name))["hub"] == table["hub"]


def test_the_profiles_settings_are_settings_of_the_plugins_they_name(catalogue: Catalogue) -> None:
    from vibench.spec_completion import from_flags

    spec = from_flags(catalogue, Plugins.discover(), inducers=["dpo,orpo"], evals=["advbench"])
    assert spec.settings["dpo"]["epochs"] == (3.0,)
    assert spec.settings["orpo"]["batch_size"] == (16,)
