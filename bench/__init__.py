"""Benchmarks: `./scripts/bench NAME`; docs/speed.md says what each measures and how."""
