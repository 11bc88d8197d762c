"""The bytes of one record of an event file, as TensorBoard's own writer makes them (needs `tensorboard`). Prints the hex that stands in
packages/observers/src/tensorboard/tensorboard.spec.ts."""

import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def main():
    event = Event(wall_time=1.0, step=300, summary=Summary(value=[Summary.Value(tag="a", simple_value=0.5)]))
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString())
    print(out.getvalue().hex())


if __name__ == "__main__":
    main()
