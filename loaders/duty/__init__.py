"""What whoever is on duty sees and needs: which jobs are due, who does them, and how they stand.

schedule   which questions are due at an instant
claims     tasks, taken by one worker at a time under a lease
needs      what must have come first
expected   periods of a day: arrived, empty, not arrived
walk       the stations of a run, measured
status     each job in one word, with since when and why; `wall` shows it
metrics    the same as figures, for Prometheus; `alerts.yaml` has the rules
logs       lines of JSON with the id of the run
"""
