"""Question answering by lm-evaluation-harness, asked through vibench's engines."""
