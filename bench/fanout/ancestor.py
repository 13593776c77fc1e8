"""The usual small dashboard: Flask-SocketIO that emits psutil's figures once a second. ancestor.py PORT BYTES

Debian packages: python3-flask-socketio, python3-eventlet, python3-psutil. Frames are filled up to BYTES, so that it sends
as much as the others.
"""
import sys
import time

import eventlet

eventlet.monkey_patch()

import psutil  # noqa: E402 (after the patch, as its documentation says)
from flask import Flask  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

port, size = int(sys.argv[1]), int(sys.argv[2])
app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet", max_http_buffer_size=1_000_000)


def figures():
    memory, disk, net = psutil.virtual_memory(), psutil.disk_io_counters(), psutil.net_io_counters()
    values = psutil.cpu_percent(percpu=True) + list(psutil.getloadavg()) + list(memory)
    values += (list(disk) if disk else []) + list(net)
    return values


def sample():
    due, seq = time.monotonic(), 0
    while True:
        seq += 1
        values = figures()
        values += [0.10001 + i % 89998 / 100000 for i in range(max(0, size - 8 * len(values)) // 8)]
        socketio.emit("frame", {"seq": seq, "t": int(time.time() * 1000), "v": values})
        due += 1
        socketio.sleep(max(0, due - time.monotonic()))


socketio.start_background_task(sample)
socketio.run(app, host="127.0.0.1", port=port)
