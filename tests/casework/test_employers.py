"""Who the legal employer is, by the words of the register: of 2017 and of today."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from casework.register import employers
from casework.register.employers import Confidence, EmployerKind, SchoolFacts, Service, resolve_employer
from core.errors import BadInput
from core.nations import Nation

HILL = SchoolFacts(
    urn="123456", name="Hill School", establishment_type="Community school", la_code="886", la_name="Kent"
)

# Every type in the register extracts: the words of July 2017, the words of today, the employer.
TYPES = [
    ("Community School", "Community school", "local-authority"),
    ("Voluntary Aided School", "Voluntary aided school", "governing-body"),
    ("Voluntary Controlled School", "Voluntary controlled school", "local-authority"),
    ("Foundation School", "Foundation school", "governing-body"),
    ("Community Special School", "Community special school", "local-authority"),
    ("Foundation Special School", "Foundation special school", "governing-body"),
    ("LA Nursery School", "Local authority nursery school", "local-authority"),
    ("Pupil Referral Unit", "Pupil referral unit", "local-authority"),
    ("Academy Sponsor Led", "Academy sponsor led", "trust"),
    ("Academy Converter", "Academy converter", "trust"),
    ("Academy Special Converter", "Academy special converter", "trust"),
    ("Academy Special Sponsor Led", "Academy special sponsor led", "trust"),
    ("Academy Alternative Provision Converter", "Academy alternative provision converter", "trust"),
    ("Academy Alternative Provision Sponsor Led", "Academy alternative provision sponsor led", "trust"),
    ("Academy 16-19 Converter", "Academy 16-19 converter", "trust"),
    ("Academy 16-19 Sponsor Led", "Academy 16 to 19 sponsor led", "trust"),
    ("Free Schools", "Free schools", "trust"),
    ("Free Schools Special", "Free schools special", "trust"),
    ("Free Schools - Alternative Provision", "Free schools alternative provision", "trust"),
    ("Free Schools - 16-19", "Free schools 16 to 19", "trust"),
    ("University Technical College", "University technical college", "trust"),
    ("Studio Schools", "Studio schools", "trust"),
    ("City Technology College", "City technology college", "trust"),
    ("Other Independent School", "Other independent school", "proprietor"),
    ("Other Independent Special School", "Other independent special school", "proprietor"),
    ("Non-Maintained Special School", "Non-maintained special school", "proprietor"),
    ("Special College", "Special post 16 institution", "proprietor"),
    ("Sixth Form College", "Statutory FE Sector - Sixth Form College", "corporation"),
    ("Further Education", "Statutory FE Sector - General Further Education College", "corporation"),
]
REFUSED = [
    ("British schools overseas", "outside Great Britain"),
    ("British Overseas Schools", "outside Great Britain"),
    ("Offshore schools", "outside Great Britain"),
    ("Service children's education", "Ministry of Defence"),
    ("Service Childrens Education", "Ministry of Defence"),
    ("Welsh establishment", "Welsh Government's list"),
    ("Secure units", "a charity or a contractor"),
    ("Higher Education Institutions", "Universities"),
    ("Sixth form centres", "run by schools together"),
    ("Miscellaneous", "says nothing"),
    ("Institution funded by other government department", "Another government department"),
    ("Children's centre", "a council, a school or a charity"),
    ("Statutory FE Sector - Designated Institution", "which body signs"),
    ("Hedge school", '"Hedge school" is not a type of establishment that is known here.'),
    ("Community", '"Community" is not a type of establishment that is known here.'),
    ("", "The register gives no type of establishment"),
    ("  ", "The register gives no type of establishment"),
]


@pytest.mark.parametrize(("of_2017", "of_today", "kind"), TYPES, ids=[row[1] for row in TYPES])
def test_the_employer_follows_from_the_type_in_either_vocabulary(of_2017, of_today, kind):
    """Red when `folded` stops dropping capitals or hyphens, or a row's `kind` changes."""
    for words in (of_2017, of_today, of_today.upper(), f" {of_today} "):
        assert resolve_employer(replace(HILL, establishment_type=words)).kind == kind


@pytest.mark.parametrize(("words", "because"), REFUSED)
def test_a_type_that_does_not_settle_the_employer_is_unknown_with_a_reason(words, because):
    """Red when an unknown type is guessed from a similar one."""
    answer = resolve_employer(replace(HILL, establishment_type=words, trust_name="North Trust"))

    assert (answer.kind, answer.name, answer.confidence) == (EmployerKind.UNKNOWN, None, Confidence.UNKNOWN)
    assert because in answer.reason
    assert answer.stpcd_binds is False
    assert answer.register_key == "unknown:123456"


@pytest.mark.parametrize(
    ("words", "provision"),
    [
        ("Community school", "s. 35(2)"),
        ("Voluntary controlled school", "s. 35(2)"),
        ("Local authority nursery school", "s. 35(2)"),
        ("Voluntary aided school", "s. 36(2)"),
        ("Foundation special school", "s. 36(2)"),
        ("Pupil referral unit", "Sch. 1 para. 1"),
        ("Academy converter", "s. 1"),
        ("Other independent school", "s. 579(1)"),
        ("Sixth form college", "s. 33A"),
    ],
)
def test_the_answer_cites_its_provision(words, provision):
    """Red when a row's `citation` changes."""
    answer = resolve_employer(replace(HILL, establishment_type=words))

    assert answer.citation.provision == provision
    assert answer.citation.url.startswith("https://www.legislation.gov.uk/")


def test_a_community_school_is_the_local_authoritys_and_bound_by_the_document():
    """Red when the name or key of a local authority is built another way."""
    answer = resolve_employer(HILL)

    assert (answer.name, answer.register_key) == ("Kent local authority", "la:886")
    assert answer.confidence is Confidence.CERTAIN
    assert (answer.state_funded, answer.service, answer.stpcd_binds) == (True, Service.STATE_TEACHING, True)
    assert "even where the governing body holds a delegated budget" in answer.reason


def test_two_community_schools_of_one_authority_share_an_employer_and_two_aided_schools_do_not():
    """Red when the key of a local authority carries the school, or that of a governing body does not."""
    other = replace(HILL, urn="123457", name="Vale School")
    aided = [replace(school, establishment_type="Voluntary aided school") for school in (HILL, other)]

    assert resolve_employer(HILL).register_key == resolve_employer(other).register_key
    assert [resolve_employer(school).register_key for school in aided] == ["gb:123456", "gb:123457"]
    assert resolve_employer(aided[0]).name == "Governing body of Hill School"


def test_a_foundation_school_with_a_trust_behind_it_is_still_the_governing_bodys():
    """Red when a filled `trust_name` decides before the type does."""
    answer = resolve_employer(replace(HILL, establishment_type="Foundation school", trust_name="The Hill Trust"))

    assert (answer.kind, answer.name) == (EmployerKind.GOVERNING_BODY, "Governing body of Hill School")
    assert answer.stpcd_binds is True


def test_one_governing_body_of_a_federation_employs_at_all_its_schools():
    """Red when the federation is left out of the key."""
    schools = [
        replace(HILL, urn=urn, establishment_type="Voluntary aided school", federation_name="Hill and Vale Federation")
        for urn in ("123456", "123457")
    ]
    answers = [resolve_employer(school) for school in schools]

    assert answers[0].register_key == answers[1].register_key == "gb:HILL AND VALE FEDERATION"
    assert answers[0].name == "Governing body of Hill and Vale Federation"


def test_an_academy_is_its_trusts_whatever_the_capitals():
    """Red when the key keeps the register's capitals or spacing."""
    academy = replace(HILL, establishment_type="Academy converter")
    answers = [
        resolve_employer(replace(academy, trust_name=name))
        for name in ("OASIS COMMUNITY LEARNING", "Oasis  Community Learning ")
    ]

    assert {answer.register_key for answer in answers} == {"trust:OASIS COMMUNITY LEARNING"}
    assert answers[1].name == "Oasis Community Learning"
    assert (answers[0].confidence, answers[0].stpcd_binds) == (Confidence.CERTAIN, False)


@pytest.mark.parametrize(
    ("words", "described_as", "missing"),
    [
        ("Academy converter", "the trust that runs Hill School", "does not name the trust"),
        ("Other independent school", "the proprietor of Hill School", "does not name the proprietor"),
    ],
)
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_an_employer_that_the_register_does_not_name_is_described_and_not_certain(words, described_as, missing, blank):
    """Red when a blank name counts as a name, or leaves the confidence standing."""
    answer = resolve_employer(replace(HILL, establishment_type=words, trust_name=blank, proprietor_name=blank))

    assert (answer.name, answer.described_as) == (None, described_as)
    assert answer.confidence is Confidence.UNKNOWN
    assert missing in answer.reason


def test_a_named_proprietor_is_likely_and_never_certain():
    """Red when an independent school's confidence is raised."""
    answer = resolve_employer(
        replace(HILL, establishment_type="Other independent school", proprietor_name="Hill School Ltd")
    )

    assert (answer.name, answer.confidence) == ("Hill School Ltd", Confidence.LIKELY)
    assert (answer.service, answer.state_funded) == (Service.INDEPENDENT, False)


def test_a_local_authority_without_a_name_cannot_be_served():
    """Red when a blank local authority yields a name."""
    answer = resolve_employer(replace(HILL, la_name=" "))

    assert (answer.kind, answer.name) == (EmployerKind.LOCAL_AUTHORITY, None)
    assert answer.confidence is Confidence.UNKNOWN


@pytest.mark.parametrize("written", ["Bristol City of", "Bristol, City of"])
def test_a_council_written_backwards_is_turned(written):
    """Red when `council_name` loses either form."""
    assert resolve_employer(replace(HILL, la_code="801", la_name=written)).name == "City of Bristol local authority"


@pytest.mark.parametrize(
    ("la_code", "nation", "binds"),
    [
        ("200", None, False),
        ("201", Nation.ENGLAND, True),
        ("420", Nation.ENGLAND, True),
        ("421", None, False),
        ("659", None, False),
        ("660", Nation.WALES, False),
        ("681", Nation.WALES, False),
        ("682", None, False),
        ("704", None, False),
        ("800", Nation.ENGLAND, True),
        ("999", Nation.ENGLAND, True),
        ("", None, False),
        (None, None, False),
        ("N/A", None, False),
    ],
)
def test_the_nation_by_the_number_of_the_authority_and_what_follows(la_code, nation, binds):
    """Red when a range grows by one, or the document is said to bind outside England."""
    answer = resolve_employer(replace(HILL, la_code=la_code))

    assert (answer.nation, answer.stpcd_binds) == (nation, binds)
    assert answer.kind is EmployerKind.LOCAL_AUTHORITY


def test_a_welsh_establishment_is_in_wales_whatever_its_number():
    """Red when the type's own nation is ignored."""
    answer = resolve_employer(replace(HILL, establishment_type="Welsh establishment", la_code=None))

    assert answer.nation is Nation.WALES


def test_the_code_speaks_where_the_words_are_missing():
    """Red when codes are not looked up."""
    assert resolve_employer(replace(HILL, establishment_type="", type_code=34)).kind is EmployerKind.TRUST


def test_words_and_code_that_disagree_settle_nothing():
    """Red when either wins over the other."""
    answer = resolve_employer(replace(HILL, establishment_type="Foundation school", type_code=1))

    assert answer.kind is EmployerKind.UNKNOWN
    assert 'the type "Foundation school" with the code 1' in answer.reason
    assert '"Community school"' in answer.reason


def test_unknown_words_are_not_overruled_by_a_known_code():
    """Red when a code decides over words that the table does not know."""
    answer = resolve_employer(replace(HILL, establishment_type="Hedge school", type_code=1))

    assert answer.kind is EmployerKind.UNKNOWN


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A copy of the table to break."""
    return Path(shutil.copy(employers.TYPES_FILE, tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    code: 34\n", "    code: 34\n    colour: red\n", ["types.9.colour", "only keys"]),
        ("kind: trust", "kind: council", ["kind", "'council'", "local-authority"]),
        ("    code: 34\n", "    code: 1\n", ["Academy converter", "'code 1'", "Community school"]),
        ("names: [Academy converter]", "names: [COMMUNITY-SCHOOL]", ["'community school'", "Community school"]),
        ("    citation: academy\n", "    citation: charter\n", ["Academy sponsor led.citation", "'charter'"]),
        ("last: 681", "last: '681'", ["nations.1.last", "'681'"]),
    ],
)
def test_a_slip_in_the_table_is_refused_by_file_and_key(table, old, new, words):
    """Red when the loader lets an unknown key, a repeated name or a missing citation through."""
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new, 1))

    with pytest.raises(BadInput) as refusal:
        employers.load_types(table)
    assert str(refusal.value).startswith("establishment_types.yaml: ")
    for word in words:
        assert word in str(refusal.value)
