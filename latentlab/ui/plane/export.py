"""The picture as a file: pixels as PNG, shapes as SVG."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from latentlab.errors import InputError, not_written
from latentlab.system import write_atomic
from latentlab.ui.plane.areas import colour
from latentlab.ui.plane.legend import Legend
from latentlab.ui.plane.scene import PlaneScene


def save_png(scene: PlaneScene, legend: Legend, size: QSize, path: Path, scale: float) -> None:
    """Write the picture, `scale` file pixels for each of the window's. Raises InputError."""
    image = QImage(
        round(size.width() * scale),
        round(size.height() * scale),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    if image.isNull():
        raise InputError(f"{path} was not written: a picture {scale:g} times as large is too big.")
    image.setDevicePixelRatio(scale)
    with QPainter(image) as painter:
        paint(painter, scene, legend, size, scale)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide's stub wants bytes here
    _write(path, bytes(data.data()))


def save_svg(scene: PlaneScene, legend: Legend, size: QSize, path: Path) -> None:
    """Write the picture as shapes, every point in view a circle. Raises InputError."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle("The latent plane")
    generator.setDescription(
        f"{len(scene.cloud)} posterior means over the prior N(0, I). {scene.note}".strip()
    )
    with QPainter(generator) as painter:
        paint(painter, scene, legend, size, None)
    buffer.close()
    _write(path, bytes(data.data()))


def paint(
    painter: QPainter,
    scene: PlaneScene,
    legend: Legend,
    size: QSize,
    ratio: float | None,
    *,
    handles: bool = True,
) -> None:
    """Paint the whole picture; the points at `ratio` pixels for each, or (None) as shapes.

    handles: whether z, z1, z2 and the way between them are in it.
    """
    painter.fillRect(QRect(0, 0, size.width(), size.height()), colour(scene.style.theme.panel))
    painter.save()
    painter.setClipRect(scene.areas.plane)
    scene.paint_back(painter)
    scene.paint_cloud(painter, None if ratio is None else scene.points_image(ratio))
    scene.paint_prior(painter)
    scene.paint_forces(painter)
    scene.paint_names(painter)
    if handles:
        scene.paint_way(painter)
    scene.paint_notes(painter)
    if handles:
        scene.paint_front(painter)
    painter.restore()
    # SVG as Qt writes it knows no clipping, so what reaches out of the plane is covered.
    _cover_outside(painter, scene, size)
    scene.paint_around(painter)
    legend.paint(painter, scene.style)


def _cover_outside(painter: QPainter, scene: PlaneScene, size: QSize) -> None:
    plane = scene.areas.plane
    below, beside = plane.bottom() + 1, plane.right() + 1
    for rect in (
        QRect(0, 0, size.width(), plane.top()),
        QRect(0, below, size.width(), size.height() - below),
        QRect(0, plane.top(), plane.left(), plane.height()),
        QRect(beside, plane.top(), size.width() - beside, plane.height()),
    ):
        painter.fillRect(rect, colour(scene.style.theme.panel))


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data)
    except OSError as error:
        raise InputError(not_written(path, error)) from error
