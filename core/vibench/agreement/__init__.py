"""Agreement of two judges, or of a judge and people, on the same transcripts of a store."""
