import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import codes

five = st.builds(
    lambda prefecture, rest: f"{prefecture:02}{rest:03}", st.integers(1, 47), st.integers(0, 999)
)


@pytest.mark.parametrize(
    "printed", ["011002", "131016", "342076", "401307", "473821", "221406", "221384", "262013", "302015"]
)
def test_official_codes_carry_their_check_digit(printed: str) -> None:
    assert codes.six_digits(printed[:5]) == printed
    assert codes.five_digits(printed) == printed[:5]


@given(five)
def test_six_digits_and_back(code: str) -> None:
    printed = codes.six_digits(code)
    assert len(printed) == 6
    assert codes.five_digits(printed) == code
    assert codes.with_leading_zero(int(printed), has_check_digit=True) == code
    assert codes.with_leading_zero(int(code), has_check_digit=False) == code


@given(five, st.integers(0, 4), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_or_no_prefecture(code: str, at: int, shift: int) -> None:
    printed = codes.six_digits(code)
    wrong = printed[:at] + str((int(printed[at]) + shift) % 10) + printed[at + 1 :]
    if codes.check_digit(wrong[:5]) == wrong[5]:
        # Rests 0 and 10 share the digit 1, so modulus 11 lets these few through.
        assert (11 - sum(int(d) * w for d, w in zip(wrong, (6, 5, 4, 3, 2), strict=False)) % 11) in (
            1,
            10,
            11,
        )
    else:
        with pytest.raises(codes.CodeError):
            codes.five_digits(wrong)


@pytest.mark.parametrize("bad", ["", "1100", "1310１", "48201", "00100", "131017", "1310166", "あいうえお"])
def test_what_is_no_code_is_refused(bad: str) -> None:
    with pytest.raises(codes.CodeError):
        codes.five_digits(bad)


def test_prefectures() -> None:
    assert len(codes.PREFECTURES) == 47
    assert codes.prefecture_of("01101") == "01"
    assert codes.prefecture_name("34207") == "広島県"
    assert codes.prefecture_name("47") == "沖縄県"


@pytest.mark.parametrize(
    ("code", "city"),
    [("26108", "26100"), ("01110", "01100"), ("22140", "22130"), ("14135", "14130"), ("40132", "40130")],
)
def test_wards_know_their_city(code: str, city: str) -> None:
    assert codes.parent(code) == city
    assert codes.is_designated_city(city)
    assert codes.parent(city) is None


@pytest.mark.parametrize("code", ["13101", "34207", "01202", "22203", "14150"])
def test_others_stand_alone(code: str) -> None:
    assert codes.parent(code) is None


def test_same_city_joins_wards_and_city() -> None:
    assert codes.same_city("26108", "26101")
    assert codes.same_city("26108", "26100")
    assert not codes.same_city("26108", "26201")
    assert not codes.same_city("13101", "13102")


def test_wards_of_hamamatsu_since_2024() -> None:
    assert codes.successors("22131") == ("22138",)
    assert codes.successors("22135") == ("22139", "22138")
    assert codes.successors("22137") == ("22140",)
    assert codes.successors("22138") == ("22138",)


def test_mergers_are_followed_to_their_end_even_in_a_circle() -> None:
    assert codes.successors("17301", {"17301": "17302", "17302": "17204"}) == ("17204",)
    assert codes.successors("17301", {"17301": "17302", "17302": "17301"}) == ()
    assert codes.successors("17204", {"17204": "17204"}) == ("17204",)
