from anping.stats.intervals import newcombe


def test_newcombe_reproduces_its_papers_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 less 48/80, method 10.
    interval = newcombe(56, 70, 48, 80)
    assert round(interval.low, 4) == 0.0524
    assert round(interval.high, 4) == 0.3339
