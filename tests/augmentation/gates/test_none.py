from aeaug.augmentation.gates import Gate, NoGate


def test_there_is_nothing_that_it_could_measure():
    assert not isinstance(NoGate(name="none"), Gate)
    assert set(NoGate.model_fields) == {"name"}
