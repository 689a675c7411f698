"""What a person wants to be told, where and when; and which channels he accepted for what the law counts."""
