"""The rows of docs/reliability.md: each fault, what is held to, and where its figures come from."""

from typing import Final

from tests.faults.table import NOT_COMPARED, Row

ROWS: Final[list[Row]] = [
    Row(
        "kill -9 at 100, 1,000 and 10,000 facts a second",
        "every acknowledged fact is there",
        "lost {peer-aisle.kill_100_lost} / {peer-aisle.kill_1000_lost} /"
        " {peer-aisle.kill_10000_lost} (medians of three)",
        "lost {peer-thingsboard.kill_100_lost} / {peer-thingsboard.kill_1000_lost} /"
        " {peer-thingsboard.kill_10000_lost}",
    ),
    Row(
        "clean stop at 1,000 facts a second",
        "every acknowledged fact is there",
        "lost {peer-aisle.stop_lost} of {peer-aisle.stop_kept}",
        "lost {peer-thingsboard.stop_lost} of {peer-thingsboard.stop_kept}",
    ),
    Row(
        "power cut at every operation on the disk of a 200-commit run: what was not synced kept,"
        " dropped, in part, torn",
        "acknowledged facts survive, the rest is a prefix",
        "{power-cut-dropped.cuts} moments, each kept ({power-cut-kept.broken} broken), dropped"
        " ({power-cut-dropped.broken}), in part ({power-cut-subset.broken}), torn"
        " ({power-cut-torn.broken})",
        "100 facts a second for ten seconds: {peer-thingsboard.cut_losing} of"
        " {peer-thingsboard.cuts} cuts lose something, the median"
        " {peer-thingsboard.cut_median_percent} % (the same script on Aisle:"
        " {peer-aisle.cut_losing} of {peer-aisle.cuts})",
    ),
    Row(
        "the same with `synchronous=OFF` and `NORMAL`, to see that the suite can fail",
        "fails",
        "OFF: {power-cut-off.broken} of {power-cut-off.cuts} cuts break a promise"
        " ({power-cut-off.unopened} leave no usable database); NORMAL:"
        " {power-cut-normal.broken} of {power-cut-normal.cuts}",
        "NORMAL is what it uses",
    ),
    Row(
        "ext4 on a loop device loses power in mid-run",
        "acknowledged facts survive, the rest is a prefix",
        "{loop-device.cuts} cuts, {loop-device.broken} broken; with `synchronous=OFF`"
        " {loop-device-off.broken} of {loop-device-off.cuts}",
        NOT_COMPARED,
    ),
    Row(
        "the n-th write fails (EIO), for every n",
        "refused visibly, nothing acknowledged is lost",
        "{nth-write-error.faults} runs, nothing lost; {nth-write-error.failed} said that a restart"
        " is needed, {nth-write-error.unopened} did not open, the rest was not touched"
        " (while closing)",
    ),
    Row(
        "the n-th write finds the disk full (ENOSPC), for every n, once or until it is freed",
        "refused visibly, resumes by itself, nothing acknowledged is lost",
        "{nth-disk-full-once.faults} and {nth-disk-full-until-freed.faults} runs, nothing lost;"
        " {nth-disk-full-until-freed.whole} resumed by themselves,"
        " {nth-disk-full-until-freed.unopened} were refused at the start",
        "full for two of four seconds, then freed: {peer-thingsboard.full_lost} of"
        " {peer-thingsboard.full_kept} acknowledged are lost, {peer-thingsboard.full_refused}"
        " refused, {peer-thingsboard.full_errors} ERROR lines (Aisle: {peer-aisle.full_lost} lost,"
        " {peer-aisle.full_refused} refused)",
    ),
    Row(
        "the n-th fsync fails (EIO, ENOSPC), for every n, once or for ever",
        "nothing is acknowledged until a restart, nothing acknowledged is lost",
        "{nth-sync-error.faults}, {nth-sync-errors-from-then-on.faults} and"
        " {nth-disk-full-at-sync.faults} runs, each with a power cut after it; nothing lost,"
        " {nth-sync-error.failed} said that a restart is needed",
        "syncs at checkpoints only: of {peer-thingsboard.sync_kept} acknowledged in four seconds"
        " {peer-thingsboard.sync_lost} are lost with the power (Aisle: {peer-aisle.sync_lost} of"
        " {peer-aisle.sync_kept})",
    ),
    Row(
        "the n-th write or fsync fails while the database is made, for every n",
        "the next start makes it",
        "{nth-making-write-error.faults} failed writes, {nth-making-disk-full-until-freed.faults}"
        " on a full disk, {nth-making-sync-error.faults} failed syncs; none left a database that"
        " the next start could not finish",
    ),
    Row(
        "flipped bytes, a page of zeros, a file cut short, a -wal damaged or lost",
        "detected, set aside, declared",
        "{damage.damages} damages: {damage.declared} declared, {damage.whole} hit nothing,"
        " {damage.altered} altered a value that SQLite keeps no checksum of",
        NOT_COMPARED,
    ),
    Row(
        "SIGKILL on random ones of agent, broker, hub, hub workers and PostgreSQL",
        "every acknowledged fact in the hub once; sequences contiguous; effects once",
        "{kill-loop.cycles} kills (agent {kill-loop.agent}, broker {kill-loop.broker}, database"
        " {kill-loop.database}, the rest hub and workers) under {kill-loop.acknowledged}"
        " acknowledged wishes: {kill-loop.lost} lost, {kill-loop.doubled} double",
        NOT_COMPARED,
    ),
    Row(
        "every named crash point, one kill each; then every pair inside one flow",
        "the same",
        "{crash-points.points} points; {crash-pairs-epoch.pairs} pairs on the way of an epoch,"
        " {crash-pairs-up.pairs} of a fact, {crash-pairs-down.pairs} of a command:"
        " {crash-pairs-up.lost} lost, {crash-pairs-up.doubled} double",
        NOT_COMPARED,
    ),
    Row(
        "a broker that forgets everything every five seconds, for ten minutes under load",
        "0 lost, 0 double",
        "{forgetful-broker.restarts} restarts under {forgetful-broker.facts} facts:"
        " {forgetful-broker.lost} lost, {forgetful-broker.doubled} double",
        NOT_COMPARED,
    ),
    Row(
        "a network of 5 kB/s, of 2 s latency, that resets in mid-message, swallows all, kicks after"
        " CONNACK, changes bytes; a broker whose certificate has expired",
        "bounded memory, recovers without a hand",
        "{bad-networks.seconds} s of each under load, over TLS: {bad-networks.lost} of"
        " {bad-networks.facts} facts lost",
        NOT_COMPARED,
    ),
    Row(
        "hub workers on a shared subscription (mosquitto, PostgreSQL) killed and added, messages"
        " doubled and shuffled",
        "0 lost, 0 double",
        "{workers.workers} workers beside the hub, {workers.kills} kills under"
        " {workers.acknowledged} wishes: {workers.lost} lost, {workers.doubled} double",
        NOT_COMPARED,
    ),
    Row(
        "three nats-servers (2.9, MQTT 3.1.1, one hub worker), each killed in turn",
        "0 lost, 0 double",
        "{nats-cluster.kills} kills under {nats-cluster.facts} facts: {nats-cluster.lost} lost,"
        " {nats-cluster.doubled} double",
        NOT_COMPARED,
    ),
    Row(
        "the wall clock in 1970 at boot, an hour and ten years back, 40 years ahead, frozen",
        "0 lost, nothing expires early, TLS comes up once the clock does",
        "held in each `make test`",
        NOT_COMPARED,
    ),
    Row(
        "a week offline at two million facts",
        "pickup facts acknowledged by the hub with p99 below 250 ms while the backlog drains;"
        " memory grows by less than 50 MB",
        "{week-offline.facts} facts: p99 {week-offline.p99_ms} ms, {week-offline.grown_mb} MB,"
        " {week-offline.lost} lost",
        NOT_COMPARED,
    ),
    Row(
        "a cloned gateway; yesterday's database restored",
        "fenced, alarmed, nothing double",
        "held in each `make test`",
        NOT_COMPARED,
    ),
]
