"""The launcher refuses to serve with a tracker store that would keep texts, and never lets Rasa log them."""

import os
import tempfile
import unittest
import warnings
from pathlib import Path
from unittest import mock

os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"  # Rasa's own use of SQLAlchemy 1.4

from rasa.shared.exceptions import RasaException

from bot import __main__ as launcher
from bot.components.tracker_store import MaskingTrackerStore

OURS = "bot.components.tracker_store.MaskingTrackerStore"


class LauncherTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "bot").mkdir()
        environment = {
            "MADOGUCHI_TRACKER_URL": f"sqlite:///{self.folder / 'tracker.sqlite3'}",
            "MADOGUCHI_WEBHOOK_URL": "http://127.0.0.1:5055/webhook",
            "MADOGUCHI_WEBHOOK_SECRET": "none",
            "MADOGUCHI_REDIS_URL": "",
        }
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)
        launcher.choose_lock_store()
        warnings.simplefilter("ignore")  # Rasa warns where it takes another store: the refusal is what counts

    def check_endpoints(self, content: str) -> None:
        (self.folder / "bot" / "endpoints.yml").write_text(content, "utf-8")
        with mock.patch.object(launcher, "ROOT", self.folder):
            launcher._assert_tracker_store(MaskingTrackerStore)

    def test_the_projects_own_endpoints_pass(self) -> None:
        launcher._assert_tracker_store(MaskingTrackerStore)
        self.assertTrue((self.folder / "tracker.sqlite3").exists())

    def test_any_other_store_is_refused(self) -> None:
        url = "\n  url: ${MADOGUCHI_TRACKER_URL}"
        for name, content in {
            "none": "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n",
            "empty": "",
            "no type": f"tracker_store:{url}\n",
            "wrong class": f"tracker_store:\n  type: {OURS}s{url}\n",
            "wrong module": f"tracker_store:\n  type: bot.components.nowhere.MaskingTrackerStore{url}\n",
            "in memory": "tracker_store:\n  type: rasa.core.tracker_store.InMemoryTrackerStore\n",
            "Rasa's own, which keeps texts": "tracker_store:\n  type: SQL\n  db: ':memory:'\n",
        }.items():
            with self.subTest(name):
                with self.assertRaises(SystemExit) as caught:
                    self.check_endpoints(content)
                self.assertIn("MaskingTrackerStore", str(caught.exception))

    def test_a_database_that_cannot_be_used_is_refused(self) -> None:
        # Rasa would start, and keep each conversation in memory.
        path = "/nowhere/at/all/tracker.sqlite3"
        os.environ["MADOGUCHI_TRACKER_URL"] = f"sqlite:///{path}"
        with self.assertRaises(SystemExit) as caught, self.assertLogs("rasa"):
            launcher._assert_tracker_store(MaskingTrackerStore)
        self.assertIn("MADOGUCHI_TRACKER_URL", str(caught.exception))
        self.assertNotIn(path, str(caught.exception))  # an address may hold a password

    def test_a_missing_setting_is_an_error(self) -> None:
        del os.environ["MADOGUCHI_TRACKER_URL"]
        with self.assertRaises(RasaException):
            launcher._assert_tracker_store(MaskingTrackerStore)

    def test_serving_never_logs_below_warnings(self) -> None:
        # At DEBUG Rasa writes every message down, whoever set that and for whatever program.
        with mock.patch.dict(os.environ, {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG"}):
            with mock.patch.object(launcher, "_rasa") as rasa:
                launcher._serve(self.folder, "127.0.0.1", "5005")
            self.assertEqual(os.environ["LOG_LEVEL"], "WARNING")
            self.assertEqual(os.environ["LOG_LEVEL_LIBRARIES"], "ERROR")
        arguments = rasa.call_args.args
        self.assertEqual(arguments[arguments.index("--interface") + 1], "127.0.0.1")
        self.assertEqual({"--enable-api", "--cors", "--debug", "-v", "-vv"} & set(arguments), set())

    def test_telemetry_is_off_before_rasa_is_loaded(self) -> None:
        with mock.patch.object(launcher, "_serve"), mock.patch.dict(os.environ, {"RASA_TELEMETRY_ENABLED": "true"}):
            launcher.main(["serve", str(self.folder), "127.0.0.1", "5005"])
            self.assertEqual(os.environ["RASA_TELEMETRY_ENABLED"], "false")

    def test_an_unknown_command_is_refused(self) -> None:
        with mock.patch.object(launcher, "_rasa") as rasa, self.assertRaises(SystemExit):
            launcher.main(["shell", str(self.folder)])
        rasa.assert_not_called()


if __name__ == "__main__":
    unittest.main()
