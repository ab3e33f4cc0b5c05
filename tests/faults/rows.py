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
]
