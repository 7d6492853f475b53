"""The Work list: what needs a person, with the money and the days that are left.

records    an exception, and the list
deadlines  until when: the next run of the day by the timetable
prices     prices that cannot be relied on, and sign-offs that wait, of settled days
feeds      refused rows, and loads that fail or are late
disputes   open Trading Disputes
listed     all of it in order, with who has it and what was said; and what may be done
"""
