"""`interplay reproduce` from the command line."""

import json

from interplay.cli.main import main


def test_one_study_is_run_and_its_verdict_told(tmp_path, capsys, monkeypatch):
    from interplay.reproduction import catalog, truths
    from interplay.reproduction.study import Part, Study

    few = [
        Part(key="exact", work=truths.exact_truths, arguments={}),
        Part(key="angles", work=truths.angles, arguments={}),
    ]
    few.append(
        Part(key="latent", work=truths.latent, arguments={"setting": "synergy", "draws": 300, "rows": 300, "seed": 1})
    )
    small = Study(**{**truths.STUDY.__dict__, "parts": lambda scope: few})
    monkeypatch.setattr(catalog, "STUDIES", (small,))
    out = tmp_path / "deep" / "out"
    assert main(["reproduce", "--quick", "--out", str(out), "--workers", "1", "--quiet"]) == 0
    assert "Reproduced, but: " in capsys.readouterr().out
    assert (out / "generators.md").exists()
    assert main(["reproduce", "--quick", "--out", str(out), "--workers", "1", "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["studies"]["generators"]["results"]["exact"] == 13


def test_an_unknown_study_is_one_line(tmp_path, capsys):
    assert main(["reproduce", "--only", "nothing", "--out", str(tmp_path)]) == 1
    assert "study 'nothing'; expected one of synthetic" in capsys.readouterr().err


def test_a_folder_of_pickles_is_refused(tmp_path, capsys):
    (tmp_path / "mosi_raw.pkl").write_bytes(b"")
    assert main(["reproduce", "--only", "real-data", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "numpy.savez" in capsys.readouterr().err
