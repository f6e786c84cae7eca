"""Compare both engines on random scenarios and print what acted: ``python -m tests.differential 500``."""

import sys

from tests.differential.coverage import report, survey

count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
coverage = survey(range(count))
print(report(coverage))
sys.exit(bool(coverage.differences))
