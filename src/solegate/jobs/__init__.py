"""Durable work: who does the steps of the tasks, on one machine or many (design 4.7)."""
