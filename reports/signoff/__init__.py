"""Sign-off: who prepared, reviewed and published the figures of a run, in a chain that is only ever added to.

people     who somebody is: two spellings of one name are one person
records    what is written: subject, body, and the head that links it to the entry before
states     draft, prepared, reviewed, published, superseded; and which move is allowed from where
recording  one move, checked and written in one step
subjects   what is signed off: a run with its content hash, by date or by its report
standing   how the subjects of a workspace stand
reopening  late data and new runs reopen or supersede what they touch, and say why
exporting  the entries of a report as a file beside it
checking   whether that file, or the chain of a workspace, is what was written
"""
