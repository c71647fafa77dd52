"""Words that the tests of the pages share."""

PASSWORD = "a long enough passphrase"
LADDER = """\
slug: quick
name: Quick ladder
type: technical
reason: complexity
direction: functional
levels:
  - name: The desk
    targets: [ticket_team]
    gate: [tried]
  - name: The experts
    delay: 15m
    targets: [next_line_team]
"""
