"""Source text, tolerant parsing, blocks and suppression comments: the bottom layer, which knows nothing of ours above."""
