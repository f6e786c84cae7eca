"""The readable engine with one fault each: what the comparison of engines must notice."""

from tests.differential.faults import cases, order, people, service, waiting

FAULTS = (*order.FAULTS, *waiting.FAULTS, *service.FAULTS, *people.FAULTS, *cases.FAULTS)
