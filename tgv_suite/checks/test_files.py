"""Files: what is sent to a system can be neither run by the next reader's browser, nor starve it."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    Creating,
    Refusal,
    System,
    Text,
    every_bounded_upload,
    every_upload,
    requirement,
    settled,
    unanswered,
)
from tgv_suite.model.files import (
    SentFile,
    climbs,
    hostile_files,
    kept_from_browsers,
    oversized_file,
    permitted_file,
    run_by_browsers,
)
from tgv_suite.model.target import Upload

_REFUSED = (Refusal.INPUT, Refusal.CREDENTIAL)


@requirement("ENT-08", uploading=every_upload, alone=True)
def test_a_hostile_file_is_refused_or_only_ever_saved(si: System, uploading: Creating) -> None:
    """A permitted file, then pages under several names and a name that climbs; each is removed."""
    upload = _upload(uploading)
    _taken(si, uploading, upload)

    for file in hostile_files(upload.media_type):
        given = _given(si, uploading, file)

        assert not (given is not None and run_by_browsers(given)), Text(
            fr=f"un fichier ({file.label}) est rendu de façon qu'un navigateur l'exécute comme une page "
            "du SI ; attendu : un fichier refusé, ou rendu avec Content-Disposition: attachment et "
            "nosniff",
            en=f"a file ({file.label}) is given back so that a browser runs it as a page of the "
            "system's; expected a file refused, or given back with Content-Disposition: attachment and "
            "nosniff",
        )
        assert not (given is not None and climbs(given)), Text(
            fr=f"un fichier ({file.label}) est rendu sous un nom qui sort de son dossier ; attendu : un "
            "fichier refusé, ou un nom sans chemin",
            en=f"a file ({file.label}) is given back under a name that leaves its folder; expected a "
            "file refused, or a name without a path",
        )
        _tell_of_care(si, given)
    _taken(si, uploading, upload)


@requirement("ENT-08", uploading=every_bounded_upload, alone=True)
def test_an_oversized_file_is_refused(si: System, uploading: Creating) -> None:
    """A permitted file, then the same drawn out to twice the declared length."""
    upload = _upload(uploading)
    longest = upload.largest or 0
    _taken(si, uploading, upload)

    file = oversized_file(upload.media_type, 2 * longest)
    with si.creating(uploading, file=file) as attempt:
        assert not attempt.created, Text(
            fr=f"un fichier deux fois plus long que le maximum déclaré ({longest} octets) a été pris "
            f"(statut {attempt.status}) ; attendu : 413",
            en=f"a file twice as long as the declared maximum ({longest} bytes) was taken (status "
            f"{attempt.status}); expected 413",
        )
    _taken(si, uploading, upload)
    _refused_or_hung_up(attempt)


def _upload(uploading: Creating) -> Upload:
    return uploading.create.operation.upload or Upload()


def _taken(si: System, uploading: Creating, upload: Upload) -> None:
    """The permitted file, which is taken, given back, and removed again."""
    with si.creating(uploading, file=permitted_file(upload.media_type)) as taken:
        si.control(taken)
        si.hold(
            taken.created,
            Text(
                fr="la réponse ne donne pas l'identifiant du fichier (manifeste : « creates », "
                "« identifier »)",
                en="the answer doesn't give the file's identifier (manifest: “creates”, “identifier”)",
            ),
        )
        given = si.perform(
            uploading.reading, values=(("created", taken.unique),), after_s=upload.delay_s
        )
        si.control(given)


def _given(si: System, uploading: Creating, file: SentFile) -> Answer | None:
    """What is given back of a file; None where it was refused, or is kept away."""
    with si.creating(uploading, file=file) as sent:
        if not sent.created:
            settled(sent, *_REFUSED)
            return None
        delay_s = _upload(uploading).delay_s
        given = si.perform(uploading.reading, values=(("created", sent.unique),), after_s=delay_s)
    if given.served:
        return given
    if not given.refused(Refusal.OBJECT):
        raise unanswered(given, Text(fr="la lecture du fichier", en="the reading of the file"))
    return None


def _tell_of_care(si: System, given: Answer | None) -> None:
    """Tell of a file that no browser would run, but that isn't only ever saved either."""
    if given is not None and not kept_from_browsers(given):
        si.note(
            Text(
                fr="un fichier est rendu sans « Content-Disposition: attachment » ou sans « nosniff » ; "
                "aucun navigateur ne l'exécuterait",
                en="a file is given back without “Content-Disposition: attachment” or without "
                "“nosniff”; no browser would run it",
            )
        )


def _refused_or_hung_up(attempt: Answer) -> None:
    """Hold that the oversized file was refused; a server may hang up before it was sent whole."""
    if not attempt.shut_out:
        settled(attempt, Refusal.INPUT)
