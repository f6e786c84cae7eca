"""A programme of interventions, judged: whether its baseline shows the facts, and whether it meets its targets.

Numbers of a scenario carry marks (`marks`). Assumptions are drawn from their ranges (`parameters`, `proposals`); sets
whose baseline does not show the facts are dropped; the kept ones are run with the programme, with each intervention
alone and with weaker claims (`study`), and counted (`judgement`).
"""
