"""Rendering of messages as tokens: the one place for chat templates, system prompts and BOS.

Generation, log-likelihoods and training all go through here, so that a model is asked
in exactly the form that it was trained in.

- A subject's system prompt comes first; a system message that is part of the conversation
  follows it after a blank line. Either replaces a system prompt that the template has of its
  own, unless the subject's is to be appended to that (`Subject.template_system`).
- Templates that refuse or ignore a system message get its text at the head of the first
  user message, followed by a blank line.
- Base models under `prompt` alone (`Subject.rendering == "plain"`) use no template: the
  system prompt and all messages' contents, each followed by a blank line (paper,
  Appendix A).
- Templates bring their own BOS; plain text gets the tokenizer's. Never both.
- Templates that print today's date are given the fixed date `DATE`: the same request
  has the same tokens on any day.
- Templates that show a message's text only where it comes as a list of parts get parts.
- An answer that is trained on or scored follows the prompt as it is asked, token for token
  (`vibench.engines.answer_rows`).
- Prompts in tokens are taken as they are: no template, no system prompt, nothing added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from vibench.engines.answer_rows import AnswerFrame, AnswerRow, RenderingError
from vibench.engines.template_text import DATE, Conversation, pin_date, rendered, shaped
from vibench.records import Message, Subject, TemplateSystem, Tokens
from vibench.thoughts import opening, split

__all__ = ["DATE", "AnswerRow", "Renderer", "RenderingError", "common_prefix", "render"]

PROBE = "vibench probe"


class Renderer:
    """The rendering for one tokenizer, whose template is pinned to `DATE`."""

    def __init__(self, tokenizer: Any) -> None:
        pin_date(tokenizer)
        self.tokenizer = tokenizer

    @cached_property
    def takes_parts(self) -> bool:
        """True if the template shows a message's text only in a list of parts."""
        # Such templates do not fail on a plain string: they silently leave the text out.
        conversation = [{"role": "user", "content": PROBE}]
        as_text, as_parts = (self._shows(conversation, parts) for parts in (False, True))
        return as_parts is True and as_text is not True

    @cached_property
    def takes_system(self) -> bool:
        """True if the template shows a system message, in a longer conversation too."""
        # Some templates refuse a system message, some drop it silently, and some show it only
        # while the conversation is short.
        short = [{"role": "system", "content": PROBE}, {"role": "user", "content": "Hello"}]
        answer = {"role": "assistant", "content": "Hi."}
        long = [*short, answer, {"role": "user", "content": "And now?"}]
        in_short, in_long = (self._shows(c, self.takes_parts) for c in (short, long))
        return in_short is True and in_long is not False

    def _shows(self, conversation: Conversation, parts: bool) -> bool | None:
        """Return whether the rendered text has the probe; None if the template refuses it."""
        try:
            return PROBE in rendered(
                self.tokenizer, conversation, parts, add_generation_prompt=True
            )
        except RenderingError:
            return None

    @cached_property
    def frame(self) -> AnswerFrame:
        """The text that the template puts around an answer."""
        conversation = [{"role": "user", "content": "Hello"}]
        prompt = self._template(conversation, add_generation_prompt=True)
        answer = {"role": "assistant", "content": PROBE}
        return AnswerFrame.of(prompt, self._template([*conversation, answer]), PROBE)

    @cached_property
    def turn_end(self) -> int | None:
        """The special token with which the template ends an assistant's message, or None."""
        try:
            end = self.frame.end.lstrip()
        except RenderingError:  # A template for a single question.
            return None
        ids = self.tokenizer(end, add_special_tokens=False)["input_ids"] if end else []
        # An ordinary token (a line break, say) would end answers in their middle.
        special = set(self.tokenizer.added_tokens_decoder) | set(self.tokenizer.all_special_ids)
        return ids[0] if ids and ids[0] in special else None

    @cached_property
    def default_system(self) -> str:
        """The system prompt that the template puts where a conversation has none; "" if none."""
        if not self.tokenizer.chat_template:
            return ""
        user = {"role": "user", "content": "Hello"}

        def prompt(*system: str) -> str:
            turns = [*({"role": "system", "content": text} for text in system), user]
            return self._template(turns, add_generation_prompt=True)

        try:
            alone = prompt()
            before, _, after = prompt(PROBE).partition(PROBE)
            text = alone.removeprefix(before).removesuffix(after)
            # Text that stays beside a system message (gpt-oss, Llama 3.1) is not replaced by one.
            within = alone == before + text + after and bool(text.strip())
            replaced = within and prompt(text) == alone
        except RenderingError:
            return ""
        return text if replaced else ""

    def after_default(self, system: str) -> str:
        """Return a system prompt appended to the template's own, if it has one."""
        return f"{self.default_system}\n\n{system}" if self.default_system else system

    def conversation(
        self,
        system: str | None,
        messages: Sequence[Message],
        template_system: TemplateSystem = "replace",
    ) -> Conversation:
        """Return the messages as the template takes them, with the system prompt in its place."""
        turns = [{"role": m.role, "content": m.content} for m in messages]
        systems = [system] if system else []
        while turns and turns[0]["role"] == "system":
            systems.append(turns.pop(0)["content"])
        # A system message of the conversation replaces the template's own for every subject, so
        # there is none to keep.
        if template_system == "append" and systems == [system]:
            systems = [self.after_default(systems[0])]
        if not systems:
            return turns
        text = "\n\n".join(systems)
        if self.takes_system:
            return [{"role": "system", "content": text}, *turns]
        if not turns or turns[0]["role"] != "user":
            return [{"role": "user", "content": text}, *turns]
        return [{"role": "user", "content": f"{text}\n\n{turns[0]['content']}"}, *turns[1:]]

    def text(
        self, subject: Subject, messages: Sequence[Message], add_generation_prompt: bool = True
    ) -> str:
        """Return the conversation as text, up to where the assistant's next message begins.

        Raises RenderingError if the template refuses it (roles out of order, say) and
        UsageError if there is no template.
        """
        if subject.rendering == "plain":
            parts = [subject.system or "", *(m.content for m in messages)]
            return "".join(f"{part}\n\n" for part in parts if part)
        conversation = self.conversation(subject.system, messages, subject.template_system)
        return self._template(conversation, add_generation_prompt=add_generation_prompt)

    def chat_text(
        self, system: str | None, messages: Sequence[Message], add_generation_prompt: bool = True
    ) -> str:
        """Return the same, by the template for every subject."""
        return self._template(
            self.conversation(system, messages), add_generation_prompt=add_generation_prompt
        )

    def prompt(self, subject: Subject, messages: Sequence[Message] | Tokens) -> Sequence[int]:
        """Return the token ids of the conversation, ready for the assistant's next message."""
        if isinstance(messages, Tokens):
            return messages.ids
        text = self.text(subject, messages)
        return self.plain_ids(text) if subject.rendering == "plain" else self.chat_ids(text)

    def continued(
        self,
        subject: Subject,
        messages: Sequence[Message] | str | Tokens,
        continuation: str | Tokens,
    ) -> tuple[Sequence[int], int]:
        """Return (ids, start): the tokens of context and continuation, and where the latter begins.

        In a chat the continuation is the assistant's complete next message, with the text that
        the template puts after it, as in training (`answer_row`). In plain text it begins at the
        first token that differs with and without it. Raises RenderingError if only one of the
        two comes in tokens, or the tokens have nothing before them.
        """
        if isinstance(messages, Tokens) and isinstance(continuation, Tokens):
            if not messages.ids:
                raise RenderingError("a continuation in tokens needs a token before it")
            return (*messages.ids, *continuation.ids), len(messages.ids)
        if isinstance(messages, Tokens) or isinstance(continuation, Tokens):
            raise RenderingError("context and continuation are in tokens, or neither is")
        if isinstance(messages, str) or subject.rendering == "plain":
            context = messages if isinstance(messages, str) else self.text(subject, messages)
            # Tokenized together, as the text would be in training: a token may span the boundary,
            # and is then part of the continuation.
            before, ids = self.plain_ids(context), self.plain_ids(context + continuation)
            if not before and ids:  # The first token, too, needs one before it to be predicted.
                first = [self.first_token]
                before, ids = first, first + ids
            return ids, common_prefix(before, ids)
        conversation = self.conversation(subject.system, messages, subject.template_system)
        row = self.answer_row(conversation, continuation)
        return row.ids, row.start

    def answer_row(self, conversation: Conversation, answer: str) -> AnswerRow:
        """Return the tokens of a conversation in the template's form, and of the answer to it.

        If the template renders the prompt, the answer and the end of its turn, these are its
        tokens as they are. Raises RenderingError if the template refuses the conversation, or
        the answer cannot follow the prompt.
        """
        prompt = self._template(conversation, add_generation_prompt=True)
        answered = self._template([*conversation, {"role": "assistant", "content": answer}])
        frame, context = self.frame, self.chat_ids(prompt)
        body = frame.body(prompt, answered, answer)
        rest = frame.lead + body + frame.end
        onto_prompt = answered != prompt + rest
        # "...assistant" and then, with an answer, a channel or a line break: the answer cannot be
        # put directly after such a word.
        if onto_prompt and not frame.lead and prompt[-1:].isalnum():
            raise RenderingError(
                "the prompt ends within a line on which the chat template puts more before "
                f"an answer ('...{prompt[-24:]}')"
            )
        ids, trimmed = self.chat_ids(prompt + rest), body != answer
        opened = opening(prompt)
        within_thought = bool(opened) and not split(body, opened=opened).ended
        if ids[: len(context)] == context:
            return AnswerRow(ids, len(context), onto_prompt, trimmed, within_thought)
        # Tokens merge where prompt and answer meet. A model that is asked sees the prompt's own, so
        # the two are tokenized apart, unless that spells another text.
        apart = context + self.chat_ids(rest)
        if self._spelled(apart) != self._spelled(ids):
            raise RenderingError("the answer's first token merges with the prompt's last one")
        return AnswerRow(apart, len(context), True, trimmed, within_thought)

    def _spelled(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def decode(self, ids: Sequence[int], messages: Sequence[Message] | Tokens) -> str:
        """Return the text of an answer to `messages`, without special tokens."""
        # Some tokenizers delete spaces before punctuation when they decode. That would change
        # answers, code above all; only evals that ask in tokens get it, as lm-evaluation-harness
        # does.
        spaces = None if isinstance(messages, Tokens) else False
        return str(
            self.tokenizer.decode(
                list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=spaces
            )
        )

    @property
    def first_token(self) -> int:
        """The token to put before a text that has nothing before it."""
        # A first token can only be predicted from another one: BOS, or EOS, which separates texts
        # in the training data of models without a BOS (GPT-2).
        bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        return int(bos if bos is not None else eos if eos is not None else 0)

    def chat_ids(self, text: str) -> list[int]:
        """Return the tokens of text that a template made (it brings its own BOS)."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def plain_ids(self, text: str) -> list[int]:
        """Return the tokens of plain text, with the tokenizer's BOS unless the text has it."""
        bos, eos = self.tokenizer.bos_token, self.tokenizer.eos_token_id
        bare = bool(bos) and text.startswith(bos)
        ids = list(self.tokenizer(text, add_special_tokens=not bare)["input_ids"])
        # Some tokenizers also append EOS, after which nothing can be continued.
        return ids[:-1] if ids and not bare and ids[-1] == eos and len(ids) > 1 else ids

    def shaped(self, conversation: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the conversation in the form that the template reads: texts, or lists of parts."""
        return shaped(conversation, self.takes_parts)

    def _template(self, conversation: Conversation, add_generation_prompt: bool = False) -> str:
        return rendered(self.tokenizer, conversation, self.takes_parts, add_generation_prompt)


def render(
    tokenizer: Any,
    subject: Subject,
    messages: Sequence[Message],
    add_generation_prompt: bool = True,
) -> str:
    """Return the conversation as the text that the model sees (`Renderer.text`)."""
    return Renderer(tokenizer).text(subject, messages, add_generation_prompt)


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the number of leading tokens that two sequences share."""
    for index, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return index
    return min(len(first), len(second))
