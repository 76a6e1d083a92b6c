import pytest
from pytestqt.qtbot import QtBot

from latentlab.paths import RESOURCES
from latentlab.ui.icons import application_icon, icon
from latentlab.ui.theme import DARK, LIGHT

NAMES = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))


def ink(name: str, theme: object) -> set[str]:
    image = icon(name, theme).pixmap(24, 24).toImage()
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    colours = (image.pixelColor(x, y) for x, y in points)
    return {colour.name() for colour in colours if colour.alpha() == 255}


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name != "latentlab" and not name.endswith("-grey")]
)
def test_every_icon_is_drawn_in_the_text_colour_of_the_theme(qtbot: QtBot, name: str) -> None:
    for theme in (LIGHT, DARK):
        assert theme.text in ink(name, theme)


def test_a_missing_icon_is_an_error(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", LIGHT)


def test_the_application_icon_has_colours_of_classes(qtbot: QtBot) -> None:
    image = application_icon().pixmap(128, 128).toImage()
    scale = image.width() / 128
    hues = {
        image.pixelColor(int(x * scale), int(y * scale)).hue()
        for x in range(0, 128, 3)
        for y in range(0, 128, 3)
    }
    assert len(hues) > 6
