import pytest
from cryptography.fernet import InvalidToken

from residents.fictitious import Person, resident
from residents.models import Resident
from residents.phones import mask_phone, open_phone, phone_hash, seal_phone
from tests.factories.residents import BORN, make_household, make_village

PHONE = "15400000101"


def test_a_sealed_phone_does_not_show_its_digits_and_opens_again():
    sealed = seal_phone(PHONE)
    assert PHONE.encode() not in sealed
    assert open_phone(sealed) == PHONE


def test_the_same_phone_sealed_twice_cannot_be_told_to_be_the_same():
    assert seal_phone(PHONE) != seal_phone(PHONE)


def test_a_phone_is_found_by_its_hash_which_does_not_give_it_away():
    assert phone_hash(PHONE) == phone_hash(PHONE)
    assert phone_hash(PHONE) != phone_hash("15400000102")
    assert (len(phone_hash(PHONE)), PHONE in phone_hash(PHONE)) == (64, False)


def test_no_phone_stays_no_phone():
    assert (seal_phone(""), open_phone(b""), phone_hash(""), mask_phone("")) == (b"", "", "", "")


def test_another_key_neither_opens_nor_finds(settings):
    sealed, found_by = seal_phone(PHONE), phone_hash(PHONE)
    settings.FIELD_KEY = "another key"
    with pytest.raises(InvalidToken):
        open_phone(sealed)
    assert phone_hash(PHONE) != found_by


def test_the_key_of_phones_outlives_that_of_the_site(settings):
    sealed, found_by = seal_phone(PHONE), phone_hash(PHONE)
    settings.SECRET_KEY = "changed after an incident"
    assert (open_phone(sealed), phone_hash(PHONE)) == (PHONE, found_by)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [(PHONE, "154****0101"), ("1234567", "123****4567"), ("123456", ""), ("1", ""), ("", "")],
)
def test_a_masked_phone_shows_three_and_four_digits_or_nothing(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.django_db
def test_a_stored_phone_is_sealed_and_opens_as_the_database_gives_it_back():
    village = make_village()
    person = resident(village, make_household(village), Person("王建国", "m", BORN), phone=PHONE)
    person.save()
    stored = Resident.objects.filter(phone_hash=phone_hash(PHONE)).get()
    assert PHONE.encode() not in bytes(stored.phone_sealed)
    assert open_phone(stored.phone_sealed) == PHONE
