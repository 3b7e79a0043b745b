"""What is wrong with a programme as planned, and what would mend it. Pure, but for `reading` and `keeping`.

plan = plan_of(rows, event)             # the draft as small structs (a fixed number of queries)
checker = Checker(plan)
checker.problems()                      # all of them, the gravest first
gone, new = checker.moved(session)      # after one change: only what it touches is looked at again
suggest(checker, problem)               # moves and swaps that remove the most harm
"""
