"""Examples on the page about the scenario format, by the part that they stand under. Together they are one scenario."""

EXAMPLES = {
    "Scenario": """\
queuewise: 1
name: Billing and repairs
time zone: Asia/Shanghai
start: 2026-03-02
horizon: 4 weeks
warm-up: 1 week
calendars:
  office: {mon-fri: "09:00-17:30", sat: ["09:00-12:00", "13:00-15:00"], holidays: CN}
customers: {installed base: 120000}
""",
    "Stream": """\
demand:
  billing by phone:
    type: billing
    channel: phone
    region: Chengdu
    per week: 4200
    week: {mon-fri: {"08:00-20:00": 18}, sat-sun: 5}
    month: {last 3 business days: 1.6}
    trend: 2 %                                            # growth in 30 days
    surges: [{from: 2026-03-15, to: 2026-03-16 12:00, factor: 1.8, why: promotion}]
    busyness: {cv: 12 %, shared: mood}
    attributes:
      customer: {enterprise: 20 %, individual: otherwise}       # words with shares
      amount: {median: 380, spread: 1.4, zero: 85 %}            # numbers: a distribution without units
    tier: {urgent: 10 %, ordinary: otherwise}
    difficulty: 50 %
    patience: {median: 4 min, spread: 1.1}
    redial: {share: 60 %, after: 10 min}
""",
    "Customers": """\
demand:
  repairs by chat:
    type: repair
    channel: chat
    customers: {base: installed base, contacts per year: 1.4}
    leaves: {solved: 0.1 %, unsolved: 4 %, lost: 2 %, late: 3 %}
    attributes: {customer: individual}
    tier: ordinary
""",
    "Chasing": """\
demand:
  repairs by chat:
    chasing: {first after: {mean: 1 day, shape: exponential}, every: 1 day, share: 60 %, at most: 5, type: chase}
process:
  chase:
    where it stands: {work: billing, talk: 2 min}
    told: {end: solved}
""",
    "OpenCases": """\
demand:
  repairs by chat:
    open cases:
      - {arrived: 2026-02-27 10:15, at: repair}
      - {count: 12, arrived: 2026-02-26 09:00, at: wait for parts, since: 2026-02-27 09:00}
""",
    "Group": """\
people:
  front line:
    shifts:
      early: {hours: "08:00-16:30", in: office, break: {at: "12:00", for: 30 min}, agents: 30}
      late: {hours: "11:30-20:00", days: every day, break: {at: "15:30", for: 30 min}, agents: 24}
    skills: {billing: {solves: 70 %}, chat: {at once: 3, slowdown: 20 %}}
    picks: least loaded
    shrinkage: {planned: 12 %, unplanned: 6 %, common shock: 2 %}
    learning: [[0 days, 60 %], [30 days, 85 %], [90 days, 100 %]]
    hires: [{on: 2026-03-16, agents: 6, shift: late, leave: {share: 20 %, within: 90 days}}]
    cost: 45
  technicians: {agents: {every day: {"08:00-20:00": 20}}, skills: {repair: {}, logistics: {}}}
  supervisors: {agents: {mon-fri: {"09:00-17:30": 3}, holidays: CN}, skills: [approve, confirm]}
  managers: {agents: {mon-fri: {"09:00-17:30": 1}}, skills: [confirm]}
""",
    "Routing": """\
routing:
  billing:
    to: [front line]
    order: earliest deadline
    within: 4 h                                           # for cases without a deadline
    escalate: {before deadline: 30 min, priority: 1}
    balking: {when waiting: 30, share: 30 %}
    callback: {when waiting: 20, accepted: 60 %, answers: 80 %, unanswered: 30 s}
  repair: {to: [{technicians: {after: 0 s, reserve: 2}}]}
""",
    "Step": """\
process:
  repair:
    look at it: {work: chat, lead: 70 s, lead when: new person, talk: {mean: 9 min, cv: 0.8}, wrap: 40 s}
    what is it: {branch: {how to: 30 %, repair: otherwise}, easy first: true}
    how to: {work: chat, talk: 6 min, next: solved}
    repair: {work: repair, talk: {mean: 20 min, cv: 0.6}, patience: none, suspends: true}
    parts: {branch: {wait for parts: times < 2, solved: otherwise}}
    wait for parts: {delay: {mean: 9 h, cv: 0.5}, in: office, awaits: courier}      # hours of the office's open time
    next visit: {rounds at: ["09:00", "14:00"], days: mon-fri}
    visit: {work: repair, travel: {mean: 40 min, cv: 0.4}, talk: 1 h, travel back: 30 min, patience: none}
    both: {fork: [invoice, survey]}
    invoice: {work: billing, talk: 2 min, patience: none, next: together}
    survey: {delay: 1 day, awaits: customer, next: together}
    together: {join: true}
    solved: {end: solved, reopens: {share: 6 %, after: {mean: 3 days, cv: 1}, at: look at it, at most: 3}}
""",
    "Mark": """\
process:
  billing:
    big ones: {mark: {priority: 1, due: 4 h, in: office}, when: [customer = enterprise, amount > 5000]}
""",
    "Bot": """\
process:
  billing:
    robot:
      bot:
        covers: 30 %
        contains: 40 %
        falsely: 10 %
        comes back after: {mean: 4 h, cv: 1}
        turn: 40 s
        turns: 2
        urgent: tier = urgent
        hand over priority: 2
""",
    "Classify": """\
process:
  billing:
    sort: {classify: {right: 75 %, wrong: [logistics, repair], diagnosis: 6 min, transfer: 2 min}}
    answer: {work: billing, talk: {mean: 5 min, cv: 0.8}, hold: 20 s, unsolved: pass on}
""",
    "Approval": """\
process:
  billing:
    refund: {approve: refunds, when: amount > 0, returned: answer, rejected: declined, next: close}
    pass on: {work: logistics, talk: 8 min, patience: none}
    complain: {spawn: complaints, after: 1 day}
    close: {end: solved}
    declined: {end: unsolved}
approvals:
  refunds:
    delegated: {amount: 200}                              # up to this nobody is asked
    levels:
      - {by: approve, up to: {amount: 1000}, takes: {mean: 8 min, cv: 0.5}, rounds at: ["10:00", "15:00"], in: office,
         returns: 5 %, rejects: 3 %, catches: 30 %}
      - {by: confirm, takes: 12 min, deputies: {group: managers, after: 4 h}}
""",
    "Lane": """\
lanes:
  - {when: customer = enterprise, priority: 1, due: 4 h, in: office}
  - {when: tier = urgent, priority: 2}
demand:
  complaints: {type: complaint, attributes: {customer: individual}, tier: ordinary}     # from cases of other streams
process:
  complaint:
    listen: {work: billing, talk: 10 min}
    closed: {end: solved}
""",
    "Tier": """\
tiers:
  urgent: {respond within: 5 min, offer within: 2 h, offered at: [answer], goal: 90 %}
  ordinary: {respond within: 15 min, solve within: 48 h, clock: office, pauses: [customer], goal: 85 %}
""",
    "Satisfaction": """\
satisfaction:
  base: 92
  loses: {wait: {points: 0.5, at most: 10, range: [0.2, 1]}, hand-overs: 3, late: 6, unsolved: 20}
""",
    "Disruption": """\
disruptions:
  outage of the records: {from: 2026-03-10 10:00, for: 2 h, no work on: [billing]}
  flu: {from: 2026-03-16, for: 2 weeks, absence: 15 %, groups: [front line]}
""",
    "Intervention": """\
interventions:
  delegated approval:
    why: refunds up to 5,000 decided by the supervisor, at once
    set: {"approvals.refunds.levels[0].up to.amount": 5000, "approvals.refunds.levels[0].rounds at": []}
    remove: ["approvals.refunds.levels[0].in"]
  better bot:
    why: half of the contacts that it does not cover today
    set: {process.billing.robot.bot.covers: 80 %}
""",
    "Phase": """\
phases:
  pilot: {from: 2026-03-09, to: 2026-03-16, interventions: [delegated approval], regions: [Chengdu]}
  roll-out: {from: 2026-03-16, interventions: [delegated approval], share: {from: 20 %, to: 100 %, by: 2026-03-23}}
""",
    "Risk": """\
risks:
  records down for a day:
    from: 2026-03-17
    for: 1 day
    no work on: [billing]
    likelihood: 5 %
    response: reduce
    by: [better bot]
    owner: operations
  data leak: {from: 2026-03-18, for: 1 day, demand: 1.5, likelihood: 1 %, costs: 300000, response: transfer}
""",
}
