"""The country: all 98 municipalities under one policy, and what can be told apart between them."""
