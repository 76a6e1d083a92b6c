"""Opening, saving, sessions, autosaves, recent files: everything that touches the disk."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from latentlab.app.looks import Reply
from latentlab.app.opening import (
    Opened,
    is_slow,
    new_network,
    open_anything,
    open_both,
    open_images,
    open_model,
    or_preview,
    shipped,
)
from latentlab.app.profile import Profile
from latentlab.app.reopening import last_is_slow, last_opened
from latentlab.app.session import SUFFIX as SESSION_SUFFIX
from latentlab.app.session import Session, load_session, save_session
from latentlab.app.state import AppState
from latentlab.app.store import Store
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import NetworkKind
from latentlab.data.form import Form, with_form
from latentlab.data.picture import is_picture
from latentlab.data.reading import Cancelled, Reading
from latentlab.data.vectors import UnclearError
from latentlab.errors import ForeignModelError, InputError, not_written, told
from latentlab.paths import PRETRAINED, find_model
from latentlab.training.autosave import EVERY_SECONDS, LEAST_SECONDS
from latentlab.training.messages import Notice, Saved, Snapshot
from latentlab.training.plan import Plan
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller

if TYPE_CHECKING:
    from latentlab.data.image_folder import Preview

MODEL_SUFFIX, ONNX_SUFFIX = ".safetensors", ".onnx"
_AUTOSAVE_MILLISECONDS = round(1_000 * EVERY_SECONDS)
_LEAST_MILLISECONDS = round(1_000 * LEAST_SECONDS)

_log = logging.getLogger(__name__)


class Files(QObject):
    """Reads in the background; the window goes on meanwhile, and stays as it is if that fails."""

    busy = Signal(str)  # what is being read; "" when done
    failed = Signal(str, str)  # a sentence; a report, or ""
    noted = Signal(str)  # a sentence the user should know
    form_wanted = Signal(object)  # a folder of pictures is to be opened, but in which form? Preview
    unclear = Signal(object)  # are the rows of a file images or vectors? UnclearError
    picture = Signal(object)  # a single picture is to be opened: its path
    came = Signal(object)  # what was read and is now to be shown, Opened; or an exception
    saved = Signal(str)  # the user's model is whole on the disk: its path
    would_lose = Signal(object)  # opening now would drop unsaved training; call this to go on
    onnx = Signal(object)  # ONNX files, a list of paths: what is missing is to be asked
    foreign = Signal(object)  # another program's model: its path; how to read it is to be asked
    recent_changed = Signal(object)  # tuple of paths, newest first

    def __init__(
        self,
        controller: Controller,
        store: Store,
        bridge: Bridge,
        profile: Profile,
        parent: QObject | None = None,
        *,
        ahead: Future[Opened] | None = None,
    ) -> None:
        """ahead: what was open the last time, where that is being read already."""
        super().__init__(parent)
        self._ahead = ahead
        self._controller = controller
        self._store = store
        self._bridge = bridge
        self._profile = profile
        self._state_to_come: AppState | None = None
        self._checking = False
        self._autosaved_version = (0, 0)
        self._after_saving: tuple[Path, Callable[[], None]] | None = None
        self._autosave_timer = QTimer(self)
        self._autosave_timer.setInterval(_AUTOSAVE_MILLISECONDS)
        self._autosave_timer.timeout.connect(self.autosave)
        self._autosaved: Saved | None = None  # of the run that is open, with its plan
        self._run: tuple[int, Plan | None] = (0, None)
        self._epoch = 0
        self._foreign_first: Path | None = None
        self._reading: Reading | None = None
        self._later: Callable[[], None] | None = None  # to be read once there is a thread for it
        controller.snapshot.connect(self._snapshot_came)
        bridge.ready.connect(self._check_first)
        bridge.reply.connect(self._reply_came)
        controller.opened.connect(self._opened)
        bridge.notice.connect(self._notice_came)

    # --- opening ---------------------------------------------------------------------------------

    def open_first(self, wanted: str | None, *, at_once: bool = False) -> None:
        """At the start, before the laboratory is up: what was asked for, or the last, or ours.

        Reads in the window's thread, since there is nothing yet to keep alive; but a folder of
        pictures later and in the background, unless `at_once`.
        """
        self._autosave_timer.start()
        last = self._profile.preferences
        asks = wanted is not None and wanted.endswith(ONNX_SUFFIX)
        if wanted is not None and (asks or (not at_once and is_slow(wanted))):
            self._later = lambda: self.open_path(wanted)
            self._controller.show(shipped())
            return
        if wanted is None and not at_once and self._ahead is None and last_is_slow(last):
            self._later = lambda: self._read(
                last.last_data,
                lambda reading: open_both(last.last_model or None, last.last_data, reading),
            )
            self._controller.show(shipped())
            return
        if wanted is not None:
            try:
                if wanted.endswith(SESSION_SUFFIX):
                    session = load_session(Path(wanted))
                    self._controller.show(_of_session(session), session.state)
                else:
                    self._controller.show(open_anything(wanted))
            except ForeignModelError as error:
                self._foreign_first = error.path
            except InputError as error:
                self.failed.emit(str(error), "")
            else:
                return
        try:
            ahead, self._ahead = self._ahead, None
            self._controller.show(ahead.result() if ahead else last_opened(last))
        except InputError:
            _log.info("the last model is gone; opening the shipped one", exc_info=True)
            self._controller.show(shipped())

    def open_path(self, name_or_path: str) -> None:
        """A model, data, a session or a picture, by path or shipped name."""
        if name_or_path.endswith(SESSION_SUFFIX):
            self.open_session(Path(name_or_path))
            return
        if is_picture(name_or_path):
            self.picture.emit(Path(name_or_path))
            return
        if name_or_path.endswith(ONNX_SUFFIX):
            self.onnx.emit([name_or_path])
            return
        present = self._controller.present
        self._read(
            name_or_path,
            lambda reading: or_preview(
                name_or_path, lambda: open_anything(name_or_path, _as_saved(present), reading)
            ),
        )

    def open_model(self, name_or_path: str) -> None:
        """A model."""
        present = self._controller.present
        kept = (present.data, present.pair) if present else None
        self._read(name_or_path, lambda _reading: open_model(name_or_path, kept))

    def open_data(self, name_or_path: str) -> None:
        """Data, for the present model if it takes such images."""
        present = self._controller.present
        self._read(
            name_or_path,
            lambda reading: or_preview(
                name_or_path, lambda: open_images(name_or_path, _as_saved(present), reading)
            ),
        )

    def open_pictures(self, folder: str, form: Form) -> None:
        """A folder of pictures in this form."""
        self.open_data(with_form(folder, form))

    @property
    def reading(self) -> Reading | None:
        """How far the reading under way is, or the last was."""
        return self._reading

    def cancel_reading(self) -> None:
        """Read no further; nothing changes."""
        if self._reading is not None:
            self._reading.cancel()

    def open_session(self, path: Path) -> None:
        """A session: its model, its data, its state."""
        try:
            session = load_session(path)
        except InputError as error:
            self.failed.emit(str(error), "")
            return
        self._read(str(path), lambda reading: _of_session(session, reading), session.state)

    def open_new(self, latent_dim: int, kind: NetworkKind = "mlp") -> None:
        """A network from scratch of so many dimensions, for the present data."""
        present = self._controller.present
        if present is not None:
            self._read("a new network", lambda _reading: new_network(present, latent_dim, kind))

    # --- saving ----------------------------------------------------------------------------------

    @property
    def own_file(self) -> Path | None:
        """The user's file that is open, to save over; None for a shipped model and an autosave."""
        opened = self._controller.present
        path = Path(opened.model) if opened and opened.model else None
        if path is None or path.suffix != MODEL_SUFFIX or path.resolve().parent == PRETRAINED:
            return None
        return None if self._profile.is_autosave(path) else path

    def save_model(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Write the run as it is; `saved` or `failed` follows, and `then` is called if saved."""
        target = self._suffixed(path, MODEL_SUFFIX)
        if target is not None:
            self._after_saving = (target, then) if then else None
            self._controller.save(target)

    def save_session(self, path: Path) -> None:
        """Write what is open and every choice. Training that is not saved is not part of it."""
        opened, target = self._controller.present, self._suffixed(path, SESSION_SUFFIX)
        if opened is None or target is None:
            return
        try:
            state, kind = self._store.state, opened.untrained_kind
            save_session(Session(opened.model, opened.data, state, kind), target)
        except OSError as error:
            self.failed.emit(not_written(target, error), "")
        else:
            self.saved.emit(str(target))
            if self._controller.unsaved:
                self.noted.emit(
                    "The session is saved, but it names the model as it was last saved: "
                    "save the model too (Ctrl+S) to keep its training."
                )

    def autosave(self) -> None:
        """Keep what would be lost in a crash; nothing if nothing would."""
        controller, version = self._controller, self._controller.version
        if not controller.unsaved or version == self._autosaved_version:
            return
        if controller.engine_gone and self.plan_is_autosaved:
            return  # and with its plan, which only the engine knew
        self._autosaved_version = version
        folder = self._profile.autosave
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            _log.warning("no autosave: %s cannot be made", folder, exc_info=True)
            return
        opened = self._controller.present
        stem = opened.file_stem if opened else "model"
        self._controller.save(folder / f"{stem}{MODEL_SUFFIX}", autosave=True)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        """Autosave where a plan begins, and at an epoch's end unless that was done just now."""
        run = snapshot.run, snapshot.plan.plan if snapshot.plan else None
        if run != self._run:
            self._run, self._autosaved = run, None
            if snapshot.plan is not None:
                self.autosave()
        epoch, before, timer = int(snapshot.epoch), self._epoch, self._autosave_timer
        self._epoch = epoch
        waited = timer.interval() - timer.remainingTime()
        if epoch != before and timer.isActive() and waited >= _LEAST_MILLISECONDS:
            timer.start()
            self.autosave()

    def autosave_offered(self) -> Path | None:
        """The session that a crash left, if any."""
        return self._profile.crashed_autosave()

    def restore_autosave(self, session: Path) -> None:
        """Open what a crash left. It stays on the disk until the user has saved it elsewhere."""
        self.open_session(session)

    @property
    def plan_is_autosaved(self) -> bool:
        """Whether there is an autosave of the long run under way, for `resume`."""
        saved = self._autosaved
        return saved is not None and saved.plan is not None and (saved.run, saved.plan) == self._run

    def resume(self) -> None:
        """Start an engine in place of one that is gone from the last autosave, plan and all."""
        if self._autosaved is None or not self.plan_is_autosaved:
            return
        try:
            self._controller.restart(load_checkpoint(self._autosaved.path))
        except InputError as error:
            self.failed.emit(str(error), "")

    def stop(self) -> None:
        """No more autosaves, and no more reading."""
        self.cancel_reading()
        self._autosave_timer.stop()

    def discard_autosave(self, session: Path | None = None) -> None:
        """Throw away a crash's autosave, or this window's own at a clean end."""
        self._profile.discard_autosave(session)

    # --- inside ----------------------------------------------------------------------------------

    def _opened(self, _opened: Opened) -> None:
        self._autosaved = None

    def _suffixed(self, path: Path, suffix: str) -> Path | None:
        """`path` with its suffix; None, and told, where that names a file nobody asked about."""
        if path.name.endswith(suffix):
            return path
        target = path.with_name(path.name.removesuffix(Path(suffix).suffix) + suffix)
        if target.exists():
            self.failed.emit(f"{target} exists: choose it by its whole name to replace it.", "")
            return None
        return target

    def _read(
        self,
        what: str,
        read: "Callable[[Reading], Opened | Preview]",
        state: AppState | None = None,
    ) -> None:
        laboratory = self._bridge.laboratory
        if laboratory is None:
            self.failed.emit("Still starting: try again in a moment.", "")
            return
        self._checking = False
        self._state_to_come = state
        self.busy.emit(f"Opening {Path(what).name}…")
        # What nobody waits for any more must not keep the thread.
        self.cancel_reading()
        self._reading = reading = Reading(asks=True)
        laboratory.open(lambda: read(reading))

    def _check_first(self) -> None:
        """What was opened before torch was there is checked like anything else."""
        laboratory, opened = self._bridge.laboratory, self._controller.present
        if laboratory is not None and opened is not None:
            self._checking = True
            laboratory.open(lambda: opened)

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "open":
            return
        from latentlab.data.image_folder import Preview  # noqa: PLC0415

        self.busy.emit("")
        value, checking = reply.value, self._checking
        self._checking = False
        if isinstance(value, Preview):
            self.form_wanted.emit(value)
            return
        self.came.emit(value)
        if isinstance(value, ForeignModelError):
            self.foreign.emit(value.path)
        elif isinstance(value, UnclearError):
            self.unclear.emit(value)
        elif isinstance(value, Cancelled):
            self.noted.emit(str(value))
        elif isinstance(value, Exception):
            self.failed.emit(*told(value, "The file could not be opened"))
        if checking and isinstance(value, Exception):
            self._controller.show(shipped())
        elif checking:
            self._controller.tell_engine()
            self._ask_first()
            if self._later is not None:
                later, self._later = self._later, None
                later()
        elif not isinstance(value, Exception):
            self.show(value, self._state_to_come)
        elif not self._controller.engine_knows:
            # This came before what is open had been checked.
            self._check_first()

    def _ask_first(self) -> None:
        """Ask about what the window was started with, now that it can be looked into."""
        path, self._foreign_first = self._foreign_first, None
        if path is not None:
            self.foreign.emit(path)

    def show(self, opened: Opened, state: AppState | None = None) -> None:
        """Show what was read; where training would be lost, the user is asked first."""

        def go_on() -> None:
            self._controller.show(opened, state)
            self._remember(opened)

        if self._controller.unsaved:
            self.would_lose.emit(go_on)
        else:
            go_on()

    def _remember(self, opened: Opened) -> None:
        if opened.model and (opened.onnx or self._profile.is_autosave(Path(opened.model))):
            return
        preferences = replace(
            self._profile.preferences, last_model=opened.model or "", last_data=opened.data
        )
        if opened.model is not None and Path(opened.model).suffix == MODEL_SUFFIX:
            preferences = preferences.with_recent(str(Path(opened.model).resolve()))
        self._profile.remember(preferences)
        self.recent_changed.emit(preferences.recent)

    def _notice_came(self, notice: Notice) -> None:
        if not isinstance(notice, Saved) or not self._controller.is_open(notice.run):
            return
        if notice.autosave:
            self._autosaved = notice
            self._write_autosaved_session(notice.path)
            return
        opened = self._controller.present
        if opened is not None:
            if opened.model is not None and self._profile.is_autosave(Path(opened.model)):
                # Restored after a crash, and now kept where the user wanted it.
                self._profile.discard_autosave(Path(opened.model))
            self._controller.rename(str(notice.path))
            self._remember(replace(opened, model=str(notice.path)))
        # An older state of the run must not be offered after a crash.
        self._autosaved = None
        self._profile.discard_autosave()
        self.saved.emit(str(notice.path))
        if self._after_saving is not None and self._after_saving[0] == notice.path:
            _, then = self._after_saving
            self._after_saving = None
            then()

    def _write_autosaved_session(self, model: Path) -> None:
        """The session is written after its model, so that it never names a model not there."""
        opened = self._controller.present
        if opened is None:
            return
        session = Session(str(model), opened.data, self._store.state)
        try:
            save_session(session, model.parent / "session.json")
        except FileNotFoundError:
            _log.info("the autosave was discarded before its session could be written")
        except OSError:
            _log.warning("the autosaved session could not be written", exc_info=True)


def _as_saved(opened: Opened | None) -> Opened | None:
    """With the weights its file holds now: it may have been saved since it was opened."""
    if opened is None or opened.checkpoint is None or opened.model is None:
        return opened
    try:
        return replace(opened, checkpoint=load_checkpoint(find_model(opened.model)))
    except (InputError, OSError):
        _log.info("%s cannot be read again; keeping what was opened", opened.model, exc_info=True)
        return opened


def _of_session(session: Session, reading: Reading | None = None) -> Opened:
    latent_dim = session.state.section.latent_dim
    opened = open_both(session.model, session.data, reading, untrained_dim=latent_dim)
    return replace(opened, untrained_kind=session.untrained_kind)
