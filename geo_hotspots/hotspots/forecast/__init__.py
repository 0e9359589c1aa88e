"""Next week's list: rankers, the contest between them, and how past lists fared."""
