"""The files and the command line that ActiveMQ starts with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape, quoteattr

from publish.feed import names
from publish.feed.errors import BrokerNotInstalled, FeedFinding

ACTIVEMQ_HOME = Path("/usr/share/activemq")  # where Debian's package puts it
_OURS = Path(__file__).parent / "broker"


def java() -> str:
    """The Java that runs the broker: of JAVA_HOME, else the one on the path.

    Raises BrokerNotInstalled.
    """
    of_home = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if os.environ.get("JAVA_HOME") else None
    found = str(of_home) if of_home and of_home.is_file() else shutil.which("java")
    if found is None:
        raise BrokerNotInstalled(
            FeedFinding(
                where="feed broker",
                found="no java on the path and none in JAVA_HOME",
                wanted="a Java 17 runtime",
                todo='On Debian: "apt-get install activemq default-jre-headless".',
            )
        )
    return found


def activemq_jar(activemq_home: Path = ACTIVEMQ_HOME) -> Path:
    """The jar that starts ActiveMQ.

    Raises BrokerNotInstalled.
    """
    jar = activemq_home / "bin" / "activemq.jar"
    if not jar.is_file():
        raise BrokerNotInstalled(
            FeedFinding(
                where="feed broker",
                found=f"no {jar}",
                wanted="ActiveMQ as Debian packages it",
                todo='On Debian: "apt-get install activemq" (installing it starts nothing).',
            )
        )
    return jar


def write_files(base: Path, port: int, subscribers: Sequence[str] = (), openwire_port: int | None = None) -> None:
    """Write what the broker reads when it starts into `base`/conf, and make its other folders.

    Raises BadName for a subscriber whose name cannot be part of a queue's name.
    """
    for folder in ("conf", "data", "tmp"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    addresses = {"stomp": f"stomp://{names.HOST}:{port}?transport.hbGracePeriodMultiplier=1.5"}
    if openwire_port is not None:
        addresses["openwire"] = f"tcp://{names.HOST}:{openwire_port}"
    filled = Template((_OURS / "activemq.xml").read_text("utf-8")).substitute(
        data=escape(str(base / "data"), {'"': "&quot;"}),
        destinations="\n".join(
            f"      <queue physicalName={quoteattr(names.queue(name))}/>" for name in dict.fromkeys(subscribers)
        ),
        connectors="\n".join(
            f"      <transportConnector name={quoteattr(name)} uri={quoteattr(uri)}/>"
            for name, uri in addresses.items()
        ),
    )
    (base / "conf" / "activemq.xml").write_text(filled, "utf-8")
    shutil.copyfile(_OURS / "log4j.properties", base / "conf" / "log4j.properties")


def command(base: Path, activemq_home: Path = ACTIVEMQ_HOME) -> list[str]:
    """The command line that runs the broker on the files in `base`.

    Raises BrokerNotInstalled.
    """
    return [
        java(),
        "-Xms64m",
        "-Xmx512m",
        "-Dfile.encoding=UTF-8",
        f"-Djava.io.tmpdir={base / 'tmp'}",
        f"-Dactivemq.home={activemq_home}",
        f"-Dactivemq.base={base}",
        f"-Dactivemq.conf={base / 'conf'}",
        f"-Dactivemq.data={base / 'data'}",
        f"-Dlog4j.configuration={(base / 'conf' / 'log4j.properties').as_uri()}",
        "-jar",
        str(activemq_jar(activemq_home)),
        "start",
        f"xbean:{(base / 'conf' / 'activemq.xml').as_uri()}",
    ]
