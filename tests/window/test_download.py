"""A set downloaded from the window, from a server on this machine."""

from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QPushButton

from latentlab.data.remote import RemoteSet, is_here
from latentlab.ui.download.dialog import DownloadDialog
from tests.data.server import Served
from tests.data.test_download import kmnist, served  # noqa: F401
from tests.window.lab import Lab


def opened(lab: Lab) -> DownloadDialog:
    lab.trigger("downloadDataAction")
    dialog = lab.child("downloadDialog", DownloadDialog)
    lab.wait(dialog.isVisible)
    lab.choose("downloadChoice", "kmnist")
    return dialog


def press(lab: Lab, name: str) -> None:
    button = lab.child(name, QPushButton)
    lab.wait(button.isEnabled)
    lab.click(name)


def says(lab: Lab) -> str:
    return lab.child("downloadSays", QLabel).text()


def test_a_set_is_downloaded_and_opened(kmnist: RemoteSet, lab: Lab) -> None:  # noqa: F811
    dialog = opened(lab)
    about = lab.text("downloadAbout")
    assert kmnist.licence in about
    assert kmnist.megabytes in about
    assert kmnist.host in about
    assert not lab.child("downloadOpen", QPushButton).isEnabled()
    press(lab, "downloadStart")
    lab.wait(lambda: says(lab) == "It is here.")
    bar = lab.child("downloadProgress", QProgressBar)
    assert bar.value() == bar.maximum()
    assert lab.child("datasetChoice", QComboBox).findText("kmnist") >= 0
    press(lab, "downloadOpen")
    assert not dialog.isVisible()
    lab.wait(lambda: lab.shell.controller.present.data == "kmnist")  # type: ignore[union-attr]
    lab.wait(lambda: len(lab.plane.scene.cloud) == 400)
    assert lab.plane.scene.names[1] == "ki"


def test_the_window_goes_on_while_a_server_stalls_and_it_can_be_cancelled(
    kmnist: RemoteSet,  # noqa: F811
    served: Served,  # noqa: F811
    lab: Lab,
) -> None:
    served.behaviour = "stalls"
    dialog = opened(lab)
    press(lab, "downloadStart")
    lab.wait(lambda: lab.child("downloadProgress", QProgressBar).value() > 0)
    dialog.close()
    lab.window.activateWindow()
    before = lab.snapshot.step
    lab.trigger("stepAction")
    lab.wait(lambda: lab.snapshot.step == before + 1)
    lab.trigger("downloadDataAction")
    press(lab, "downloadCancel")
    served.release.set()
    lab.wait(lambda: says(lab).startswith("Stopped"))
    assert not is_here(kmnist)
    served.behaviour = "honest"
    press(lab, "downloadStart")
    lab.wait(lambda: says(lab) == "It is here.")
    assert served.asked[1][1].startswith("bytes=")


def test_a_server_that_lies_is_told_in_the_dialog(
    kmnist: RemoteSet,  # noqa: F811
    served: Served,  # noqa: F811
    lab: Lab,
) -> None:
    served.behaviour = "wrong bytes"
    opened(lab)
    press(lab, "downloadStart")
    lab.wait(lambda: "SHA-256 differs" in says(lab))
    assert lab.child("downloadStart", QPushButton).isEnabled()


def test_closing_the_window_ends_a_download(
    kmnist: RemoteSet,  # noqa: F811
    served: Served,  # noqa: F811
    lab: Lab,
) -> None:
    served.behaviour = "stalls"
    opened(lab)
    press(lab, "downloadStart")
    lab.wait(lambda: bool(served.asked))
    served.release.set()
    lab.window.close()
    lab.wait(lambda: not lab.window.isVisible())
    assert not is_here(kmnist)
