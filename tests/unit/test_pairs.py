from itertools import combinations, product

from tests.pairs import choose

SIZES = {"client": 2, "condition": 3, "fault": 9, "time": 4}


def cases_of(sizes: dict[str, int]) -> list[dict[str, int]]:
    numbers = product(*(range(size) for size in sizes.values()))
    return [dict(zip(sizes, case, strict=True)) for case in numbers]


def test_each_pair_of_values_is_chosen() -> None:
    cases = cases_of(SIZES)
    chosen = [cases[position] for position in choose(cases)]
    for one, other in combinations(SIZES, 2):
        pairs = {(case[one], case[other]) for case in chosen}
        assert pairs == set(product(range(SIZES[one]), range(SIZES[other])))


def test_few_cases_are_chosen() -> None:
    assert 9 * 4 <= len(choose(cases_of(SIZES))) <= 9 * 4 * 1.25


def test_choice_is_the_same_each_time() -> None:
    assert choose(cases_of(SIZES)) == choose(cases_of(SIZES))


def test_one_parameter_keeps_all_values() -> None:
    assert choose([{"row": number} for number in range(5)]) == set(range(5))


def test_values_that_come_together_are_one_pair() -> None:
    assert choose([{"status": n, "text": n} for n in range(5)]) == set(range(5))
