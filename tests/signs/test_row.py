from aeaug.signs.row import SEEDS, identity, row, together


def made(choice="arm=a", values=(1.0, 2.0, 3.0), higher=True, others=(2.0, 2.0, 2.0)):
    return row("signs", choice, "what", values, higher, "none", others)


def test_a_sign_is_seen_beyond_what_it_stands_beside_and_not_at_it():
    assert made()["seen"] == "1 of 3"
    assert made(higher=False)["seen"] == "1 of 3"
    assert made(values=(float("nan"),) * 3)["seen"] == "0 of 3"
    assert [made()[f"subset {seed}"] for seed in SEEDS] == ["1", "2", "3"]


def test_what_was_measured_now_takes_the_place_of_what_is_kept_and_the_rest_stays():
    old = [made("arm=b"), made("arm=a"), made("arm=gone")]
    new = made("arm=a", values=(9.0, 9.0, 9.0))
    stated = [identity(made(choice)) for choice in ("arm=a", "arm=b", "arm=never")]
    assert together(stated, old, [new]) == [new, old[0]]
    assert together(stated, old, []) == [old[1], old[0]]
