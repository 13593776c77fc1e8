using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Past;

/// <summary>The newest frames, for a viewer that connects.</summary>
internal static class BacklogReader
{
    public static IReadOnlyList<RecordedFrame> Read(
        BlockIndex index, long sinceMs, int max, CancellationToken cancellation)
    {
        var frames = new List<RecordedFrame>();
        var headers = index.Headers(Tier.Second).ToList();
        for (var b = headers.Count - 1; b >= 0 && frames.Count < max; b--)
        {
            cancellation.ThrowIfCancellationRequested();
            var header = headers[b];
            if (header.MaxUnixMs < sinceMs)
            {
                break;
            }

            if (FrameReader.Of(index.Open(header)) is not { } reader)
            {
                continue;
            }

            // One schema for the block: a viewer derives rates from frame to frame.
            var schema = new Schema(1, reader.Series);
            for (var tick = reader.Times.Count - 1; tick >= 0 && frames.Count < max; tick--)
            {
                if (reader.Times[tick].UnixMs >= sinceMs)
                {
                    frames.Add(new RecordedFrame(header.Run, reader.FrameAt(tick, schema)));
                }
            }
        }

        frames.Reverse();
        return frames;
    }
}
