using System.Runtime.CompilerServices;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Bytes, packets, errors and drops of each network interface, from /proc/net/dev.</summary>
internal sealed class Network : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _dev;
    private readonly NameTable<Interface> _interfaces;

    public Network(CollectorContext context)
    {
        _context = context;
        _dev = context.OpenProc(NetPath(context.Roots, context.Files, "dev"));
        _interfaces = new(name => new Interface(context.Builder, name));
    }

    /// <inheritdoc/>
    public string Name => "network";

    /// <summary>
    /// Where a file of /proc/net is below the proc root. /proc/net shows the network namespace of whoever reads it; a
    /// container that sees the host's /proc wants the host's, which is that of its first process.
    /// </summary>
    internal static string NetPath(HostRoots roots, HostFiles files, string name)
    {
        var ofFirstProcess = $"1/net/{name}";
        return !roots.IsOwnMachine && files.Exists(HostFiles.PathBytes($"{roots.Proc}/{ofFirstProcess}"))
            ? ofFirstProcess
            : $"net/{name}";
    }

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _dev.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _dev.Failure(read);
        }

        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        _interfaces.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (!lines.IsCut && line.IndexOf((byte)':') < 0)
            {
                // One of the two heading lines.
                continue;
            }

            if (lines.IsCut || !ParseLine(line, out var name, out var counters))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (_interfaces.See(name, out var device))
            {
                device.Set(counters);
            }
        }

        _interfaces.End();
        return _dev.Understood(badLine);
    }

    /// <summary>Reads a line of /proc/net/dev.</summary>
    /// <remarks>
    /// net/core/net-procfs.c, dev_seq_printf_stats. Eight columns received (bytes, packets, errs, drop, fifo, frame,
    /// compressed, multicast), eight transmitted (bytes, packets, errs, drop, fifo, colls, carrier, compressed). Names
    /// longer than six characters leave no blank before or, on old kernels, behind the colon:
    /// <code>
    ///     lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0  0  0
    /// wlp0s20f3:228982248    5158    0   12    0     0          0         0   213746    2611    0    0  0  0  0  0
    /// </code>
    /// </remarks>
    internal static bool ParseLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out Counters counters)
    {
        counters = default;
        if (!Fields.KeyValue(line, out name, out var rest) || name.IsEmpty)
        {
            return false;
        }

        var words = new Words(rest);
        return words.NextRaw(out counters.BytesReceived) && words.NextRaw(out counters.PacketsReceived)
            && words.NextRaw(out counters.ErrorsReceived) && words.NextRaw(out counters.DropsReceived)
            && NextDetails(ref words, out counters.DetailsReceived)
            && words.NextRaw(out counters.BytesSent) && words.NextRaw(out counters.PacketsSent)
            && words.NextRaw(out counters.ErrorsSent) && words.NextRaw(out counters.DropsSent)
            && NextDetails(ref words, out counters.DetailsSent);
    }

    private static bool NextDetails(ref Words words, out Details details)
    {
        details = default;
        var isGood = true;
        foreach (ref var value in (Span<long>)details)
        {
            isGood &= words.NextRaw(out value);
        }

        return isGood;
    }

    /// <summary>The four columns behind the drops, of either direction.</summary>
    [InlineArray(Count)]
    internal struct Details
    {
        /// <summary>Number of columns.</summary>
        public const int Count = 4;

        private long _first;
    }

    /// <summary>Raw values of an interface.</summary>
    internal struct Counters
    {
        public long BytesReceived;
        public long PacketsReceived;
        public long ErrorsReceived;
        public long DropsReceived;
        public Details DetailsReceived;
        public long BytesSent;
        public long PacketsSent;
        public long ErrorsSent;
        public long DropsSent;
        public Details DetailsSent;
    }

    private sealed class Interface(FrameBuilder builder, string name)
    {
        private const string In = "receive";
        private const string Out = "transmit";

        private static readonly string[] NamesReceived = ["fifo", "frame", "compressed", "multicast"];
        private static readonly string[] NamesSent = ["fifo", "colls", "carrier", "compressed"];

        private readonly SeriesCell _bytesReceived = builder.Define(Metrics.NetworkIo, name, In);
        private readonly SeriesCell _bytesSent = builder.Define(Metrics.NetworkIo, name, Out);
        private readonly SeriesCell _packetsReceived = builder.Define(Metrics.NetworkPackets, name, In);
        private readonly SeriesCell _packetsSent = builder.Define(Metrics.NetworkPackets, name, Out);
        private readonly SeriesCell _errorsReceived = builder.Define(Metrics.NetworkErrors, name, In);
        private readonly SeriesCell _errorsSent = builder.Define(Metrics.NetworkErrors, name, Out);
        private readonly SeriesCell _dropsReceived = builder.Define(Metrics.NetworkDropped, name, In);
        private readonly SeriesCell _dropsSent = builder.Define(Metrics.NetworkDropped, name, Out);
        private readonly SeriesCell[] _detailsReceived = Array.ConvertAll(
            NamesReceived, counter => builder.Define(Metrics.NetworkDetails, name, In, counter));

        private readonly SeriesCell[] _detailsSent = Array.ConvertAll(
            NamesSent, counter => builder.Define(Metrics.NetworkDetails, name, Out, counter));

        public void Set(in Counters counters)
        {
            _bytesReceived.Set(counters.BytesReceived);
            _bytesSent.Set(counters.BytesSent);
            _packetsReceived.Set(counters.PacketsReceived);
            _packetsSent.Set(counters.PacketsSent);
            _errorsReceived.Set(counters.ErrorsReceived);
            _errorsSent.Set(counters.ErrorsSent);
            _dropsReceived.Set(counters.DropsReceived);
            _dropsSent.Set(counters.DropsSent);
            for (var i = 0; i < Details.Count; i++)
            {
                _detailsReceived[i].Set(counters.DetailsReceived[i]);
                _detailsSent[i].Set(counters.DetailsSent[i]);
            }
        }
    }
}
