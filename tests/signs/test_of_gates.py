from aeaug.signs.of_gates import OF_GATES, rows_of_gates


def test_a_trained_one_passes_where_others_are_refused():
    good = {"error": 0.01, "labels": 0.9}
    rows = list(rows_of_gates(lambda one, seed: good[one.gate] if one.passes else 1 - good[one.gate]))
    assert {row["seen"] for row in rows} == {"3 of 3"}
    rows = list(rows_of_gates(lambda one, seed: 1 - good[one.gate] if one.passes else good[one.gate]))
    assert {row["seen"] for row in rows} == {"0 of 3"}
    assert {one.gate for one in OF_GATES} == {"error", "labels"}
