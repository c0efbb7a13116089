"""A Slurm of one node and two partitions, of its own keys, ports and folder: nothing of the machine's own is touched.

``low`` is preempted by ``high``, which puts its jobs back into the queue after a grace of some seconds.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["Slurm", "missing"]

PROGRAMS = ("setpriv", "munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "scancel")
STARTS = 30  # seconds, at most

CONFIG = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,requeue_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
MpiDefault=none
JobRequeue=1
KillWait=2
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=low Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime={grace}
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2 PreemptMode=OFF
"""


def missing() -> str | None:
    """Why there can be no Slurm here, None where there can."""
    if absent := [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]:
        return f"{', '.join(absent)} not found: apt-get install slurm-wlm munge"
    return "Slurm's daemons are started by root" if os.geteuid() else None


class Slurm:
    """Start it in ``folder``, and :meth:`stop` it: its daemons are children of this process."""

    def __init__(self, folder: Path, grace: int = 3) -> None:
        self.folder, self.host = folder, socket.gethostname().partition(".")[0]
        self._daemons: list[subprocess.Popen[bytes]] = []
        for name in ("state", "spool", "munge"):
            (folder / name).mkdir(parents=True)
        (folder / "munge").chmod(0o711)
        config = folder / "slurm.conf"
        config.write_text(CONFIG.format(host=self.host, folder=folder, ports=_free_ports(), grace=grace))
        path = os.pathsep.join((str(Path(sys.executable).parent), _path()))
        self.environment = os.environ | {"SLURM_CONF": str(config), "PATH": path}
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        munge = self.folder / "munge"
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o600)
        places = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        options = [f"--{option}={munge / name}" for option, name in places.items()]
        self._daemon("munged", "--foreground", "--force", *options)
        self.wait_for((munge / "socket").exists)
        self._daemon("slurmctld", "-D")
        self._daemon("slurmd", "-D", "-N", self.host)
        self.wait_for(lambda: "idle" in self.run("sinfo", "--noheader", "--format=%t", check=False))

    def _daemon(self, *command: str) -> None:
        said = (self.folder / f"{command[0]}.said").open("wb")
        whole = ["setpriv", "--pdeathsig=TERM", *command]  # no daemon outlives this process, however that ends
        daemon = subprocess.Popen(whole, env=self.environment, stdout=said, stderr=said, start_new_session=True)
        self._daemons.append(daemon)

    def wait_for(self, condition: Callable[[], object], seconds: float = STARTS) -> None:
        """Wait until it holds, as long as all daemons live."""
        end = time.monotonic() + seconds
        while not condition():
            dead = [daemon.args[2] for daemon in self._daemons if daemon.poll() is not None]  # type: ignore[index]
            assert not dead, f"{dead[0]} ended: {(self.folder / f'{dead[0]}.said').read_text(errors='replace')[-2000:]}"
            assert time.monotonic() < end, f"it did not come about; the logs are in {self.folder}"
            time.sleep(0.1)

    def run(self, *command: str, check: bool = True) -> str:
        """What Slurm's own command says."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def jobs(self, *states: str) -> list[str]:
        """The ids of the jobs in ``states``, without them of all that have not ended; of an array, each for itself."""
        chosen = [f"--states={','.join(states)}"] if states else []
        return self.run("squeue", "--noheader", "--array", "--format=%i", *chosen).split()

    def stop(self) -> None:
        """End all jobs and daemons."""
        if len(self._daemons) == 3:
            self.run("scancel", "--user=root", "--signal=KILL", "--full", check=False)
            self.run("scancel", "--user=root", check=False)
            self.wait_for(lambda: not self.jobs())
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _path() -> str:
    """Debian has daemons where only root looks."""
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def _free_ports(number: int = 2) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


if __name__ == "__main__":  # for make, in one line before it installs anything
    sys.exit(missing())
