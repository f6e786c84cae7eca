"""Batches of scenarios that differ at some paths: designs, the plan file, and what a sweep shows."""
