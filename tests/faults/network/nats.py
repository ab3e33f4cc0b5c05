"""Three nats-servers on loopback: one MQTT 3.1.1 broker over JetStream with three copies."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.brokers import free_port

NODES = 3

CONFIG = """
server_name: n{number}
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{folder}/n{number}", max_memory_store: 64MB, max_file_store: 1GB }}
mqtt {{
  listen: "127.0.0.1:{mqtt}"
  ack_wait: "5s"
  consumer_replicas: {nodes}
  consumer_memory_storage: true
}}
cluster {{ name: stores, listen: "127.0.0.1:{cluster}", routes: [{routes}] }}
accounts {{
  $SYS {{ users: [{{ user: sys, password: sys }}] }}
  STORES {{ jetstream: enabled, users: [{{ user: store, password: store }}] }}
}}
no_auth_user: store
"""
"""Consumers in memory, three times: on disk (the default) 2.9 refuses every subscription for as
long as the killed node stays away (seen: a minute)."""


def nats_path() -> str | None:
    """Where nats-server is installed; None when it is not (`make test` installs it)."""
    return shutil.which("nats-server", path="/usr/sbin:/usr/bin:/usr/local/bin")


@dataclass
class Node:
    """One server of the cluster; what it had on disk outlives it."""

    config: Path
    mqtt: int
    monitor: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; `healthy` says when it serves."""
        with self.config.with_suffix(".log").open("ab") as said:
            command = [nats_path() or "nats-server", "-c", str(self.config)]
            self._process = subprocess.Popen(command, stdout=said, stderr=said)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def healthy(self) -> bool:
        """Whether it serves; 2.9 calls memory consumers "not current" long after they are."""
        try:
            with httpx.Client(trust_env=False, timeout=2) as client:
                return client.get(
                    f"http://127.0.0.1:{self.monitor}/healthz?js-enabled=true"
                ).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def nats_cluster(folder: Path) -> Iterator[list[Node]]:
    """The nodes, started; killed at the end."""
    clusters = [free_port() for _ in range(NODES)]
    routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in clusters)
    nodes = []
    for number, cluster in enumerate(clusters):
        node = Node(folder / f"n{number}.conf", free_port(), free_port())
        text = CONFIG.format(
            number=number,
            nodes=NODES,
            client=free_port(),
            monitor=node.monitor,
            folder=folder,
            mqtt=node.mqtt,
            cluster=cluster,
            routes=routes,
        )
        node.config.write_text(text, encoding="utf-8")
        nodes.append(node)
    try:
        for node in nodes:
            node.start()
        yield nodes
    finally:
        for node in nodes:
            node.kill()
