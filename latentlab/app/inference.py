"""Looks at the true posterior of one image: in a worker of its own, since they take up to a second.

The newest question wins: whatever was asked before is given up at the next chance.
"""

import threading
from functools import partial

from latentlab.app.infer_view import Question
from latentlab.app.infer_work import Desk
from latentlab.app.looks import Reply, Worker

_OF_ONE = ("infer exact", "infer field", "infer ladder", "infer improve")


class Inference:
    """Asks the worker's `Desk`. All methods are for one thread, the window's.

    Replies are by these kinds: "infer preview", "infer exact" (an Inferred, or None where it was
    given up), "infer field" (a Field or None), "infer ladder" (Rungs or None), "infer improve" (an
    Improved) and "infer search" (the index of an image, or None).
    """

    def __init__(self) -> None:
        self._worker = Worker("latentlab-inference")
        self._desk = Desk()
        self._halt = threading.Event()
        self._search = threading.Event()

    def replies(self) -> list[Reply]:
        """The newest reply of each kind since last asked."""
        return self._worker.replies()

    def preview(self, question: Question) -> None:
        """On a coarse grid. What was asked before is given up, and a search, too, but a preview
        that has begun is answered: a drag would else show nothing until it ends."""
        self.give_up()
        self._give_up_search()
        self._worker.submit("infer preview", partial(self._desk.preview, question))

    def exact(self, question: Question) -> None:
        """Refined until log p(x) stands still."""
        self._worker.submit("infer exact", partial(self._desk.exact, question, self._halt))

    def field(self, question: Question) -> None:
        """log p(x|z) over the question's area alone."""
        self._worker.submit("infer field", partial(self._desk.field, question, self._halt))

    def ladder(self, question: Question) -> None:
        """The importance-weighted bounds."""
        self._worker.submit("infer ladder", partial(self._desk.ladder, question, self._halt))

    def improve(self, question: Question) -> None:
        """Some more steps up the ELBO."""
        self._worker.submit("infer improve", partial(self._desk.improve, question))

    def search(self, question: Question, most: int) -> None:
        """The next ambiguous image after the question's, among so many."""
        self._search.set()
        self._search = threading.Event()
        self._worker.submit(
            "infer search", partial(self._desk.search, question, most, self._search)
        )

    def give_up(self) -> None:
        """Give up what is asked about one image but previews; no reply to it follows."""
        self._halt.set()
        self._halt = threading.Event()
        self._worker.forget(*_OF_ONE)

    def stop(self) -> None:
        """Give up everything."""
        self.give_up()
        self._give_up_search()
        self._worker.forget("infer preview")

    def shutdown(self) -> bool:
        """End the worker; False if it did not end in time."""
        self.stop()
        return self._worker.shutdown()

    def _give_up_search(self) -> None:
        self._search.set()
        self._worker.forget("infer search")
