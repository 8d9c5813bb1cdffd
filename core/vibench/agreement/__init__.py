"""What two judges, or a judge and people, said of the same transcripts, out of a store."""
