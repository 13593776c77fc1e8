using System.Net.WebSockets;
using Hostscope.Bus;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live;

/// <summary>
/// One connection that is sent the messages of a host. The encoder leaves updates in its mailbox and never waits; this
/// loop takes the newest and sends what the viewer needs to be whole: a hello first, the schema when it differs from
/// the last one sent, the frame when it is newer.
/// </summary>
internal abstract class Viewer
{
    /// <summary>
    /// A message is handed to the network in pieces of this size, each with the stalled-send limit for itself: a hello
    /// of 1 MB over a slow line moves on and is not stalled, and no viewer holds a buffer larger than this.
    /// </summary>
    public const int PieceBytes = 16 * 1024;

    /// <summary>How long a viewer has to answer a close before its connection is cut.</summary>
    private static readonly TimeSpan CloseAnswerTime = TimeSpan.FromSeconds(1);

    private const long NotSending = -1;

    private readonly Mailbox<Update> _mailbox = new();
    private readonly ViewerContext _context;
    private readonly HttpContext _http;
    private readonly Lock _closing = new();
    private volatile int _topics;
    private volatile bool _wantsHello = true;
    private volatile bool _aborted;
    private long _sendStarted = NotSending;
    private long _closeStarted = NotSending;
    private SlowEpisode _slow;
    private long _offeredSequence = -1;
    private SchemaView? _sentView;
    private long _sentSequence;
    private long _helloSequence;
    private long _sentProcesses;
    private long _sentCgroups;
    private volatile int _wantsSnapshot;
    private int _sentEpoch = -1;

    protected Viewer(ViewerContext context, HttpContext http, Topics topics)
    {
        _context = context;
        _http = http;
        _topics = (int)topics;
        Id = http.Connection.Id;
    }

    /// <summary>Name of the connection in the log.</summary>
    public string Id { get; }

    /// <summary>What it watches.</summary>
    public Topics Topics => (Topics)_topics;

    /// <summary>Whether it needs an update with a backlog before anything else.</summary>
    public bool WantsHello => _wantsHello;

    /// <summary>The tables that it needs whole: it holds none, or missed changes.</summary>
    public Topics WantsSnapshot => (Topics)_wantsSnapshot;

    /// <summary>Why it is closed; <c>null</c> while it is open.</summary>
    public WebSocketCloseStatus? CloseStatus { get; private set; }

    /// <summary>Words for <see cref="CloseStatus"/>.</summary>
    protected string CloseReason { get; private set; } = "";

    protected ViewerContext Context => _context;

    /// <summary>Serves the connection until it ends. Never throws for what the other side does.</summary>
    public abstract Task RunAsync();

    /// <summary>
    /// Makes the next thing sent a hello: the viewer asked for it, or the host's numbering began anew.
    /// </summary>
    public void RequireHello() => _wantsHello = true;

    /// <summary>Leaves an update; the encoder only. Never waits.</summary>
    public void Offer(Update update)
    {
        var taken = _mailbox.Put(update);
        if (_offeredSequence == update.Sequence)
        {
            return; // The same tick again, for a new subscription or hello: nothing was replaced.
        }

        _offeredSequence = update.Sequence;
        if (!taken)
        {
            _context.Counters.FrameReplaced();
        }

        if (_slow.Note(replaced: !taken))
        {
            Log.ViewerSlow(_context.Log, Id, _context.HostId, _mailbox.Replaced);
        }
    }

    /// <summary>
    /// Begins to close: what is being sent is finished, then the other side is told why. The first call counts.
    /// </summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_closing)
        {
            if (CloseStatus is not null)
            {
                return;
            }

            CloseReason = reason;
            CloseStatus = status;
            Volatile.Write(ref _closeStarted, _context.Time.GetTimestamp());
        }

        _mailbox.Close();
    }

    /// <summary>
    /// Cuts the connection when a piece of a message is not taken for too long, or a close not answered. Called each
    /// second for every viewer, which costs less than a timer for each message.
    /// </summary>
    public void CutIfStalled(long now, TimeSpan stalledAfter)
    {
        var sendStarted = Volatile.Read(ref _sendStarted);
        var closeStarted = Volatile.Read(ref _closeStarted);
        if (sendStarted != NotSending && _context.Time.GetElapsedTime(sendStarted, now) >= stalledAfter)
        {
            if (Abort())
            {
                _context.Counters.SlowClose();
                Log.ViewerStalled(_context.Log, Id, _context.HostId, stalledAfter.TotalSeconds);
            }
        }
        else if (closeStarted != NotSending && _context.Time.GetElapsedTime(closeStarted, now) >= CloseAnswerTime)
        {
            Abort();
        }
    }

    /// <summary>Cuts the connection: a send that waits for the other side ends with an error.</summary>
    /// <returns>False when that was done before.</returns>
    protected bool Abort()
    {
        lock (_closing)
        {
            if (_aborted)
            {
                return false;
            }

            _aborted = true;
        }

        _mailbox.Close();
        _http.Abort();
        return true;
    }

    /// <summary>Takes updates and sends what follows from them, until the mailbox is closed.</summary>
    protected async Task SendUpdatesAsync()
    {
        while (await _mailbox.TakeAsync() is { } update)
        {
            if (_wantsHello || update.Epoch != _sentEpoch)
            {
                await SendHelloAsync(update);
                continue;
            }

            if (!ReferenceEquals(update.View, _sentView))
            {
                await SendAsync(MessageKind.Schema, 0, default, update.View.Message);
                _sentView = update.View;
            }

            if (update.Sequence > _sentSequence)
            {
                await SendAsync(MessageKind.Frame, update.Sequence, default, update.Frame);
                _sentSequence = update.Sequence;
                _context.Counters.FrameSent();
            }

            await SendTablesAsync(update);
        }
    }

    /// <summary>
    /// Sends what leads from the tables the viewer holds to those of the update, and asks for whole ones when changes
    /// would not do. After the frame: a page draws its tracks first.
    /// </summary>
    private async ValueTask SendTablesAsync(Update update)
    {
        var missing = Topics.None;
        if (update.Processes is { } processes)
        {
            if (!processes.TryGetFor(_sentProcesses, out var message))
            {
                missing |= Topics.Processes;
            }
            else if (message is not null)
            {
                await SendAsync(MessageKind.Processes, update.Sequence, default, message);
                _sentProcesses = processes.Number;
            }
        }

        if (update.Cgroups is { } cgroups)
        {
            if (!cgroups.TryGetFor(_sentCgroups, out var message))
            {
                missing |= Topics.Cgroups;
            }
            else if (message is not null)
            {
                await SendAsync(MessageKind.Cgroups, update.Sequence, default, message);
                _sentCgroups = cgroups.Number;
            }
        }

        _wantsSnapshot = (int)missing;
        if (missing != Topics.None)
        {
            _context.FanOut.Request(this);
        }
    }

    /// <summary>Asks for new topics; the schema follows at once.</summary>
    protected void Subscribe(Topics topics)
    {
        _topics = (int)topics;

        // What it does not watch, it does not hold: when it comes back to a table it begins with the whole of it.
        _sentProcesses = (topics & Topics.Processes) == 0 ? 0 : _sentProcesses;
        _sentCgroups = (topics & Topics.Cgroups) == 0 ? 0 : _sentCgroups;
        _context.FanOut.Request(this);
    }

    /// <summary>Asks for a new hello.</summary>
    protected void Resync()
    {
        _wantsHello = true;
        _context.FanOut.Request(this);
    }

    /// <summary>Hands a piece to the network.</summary>
    /// <param name="message">The message it belongs to.</param>
    /// <param name="piece">The bytes.</param>
    /// <param name="isLast">Whether the message ends with it.</param>
    protected abstract ValueTask SendPieceAsync(MessageHead message, ReadOnlyMemory<byte> piece, bool isLast);

    private async ValueTask SendHelloAsync(Update update)
    {
        var isKnown = update.Epoch == _sentEpoch && update.Sequence == _helloSequence &&
            ReferenceEquals(update.View, _sentView);
        if (isKnown)
        {
            return; // It has this very hello; the next tick brings a new one. So asking often multiplies nothing.
        }

        if (update.HelloRest is not { } rest)
        {
            if (!_wantsHello)
            {
                Resync(); // The host began anew while the hello of before was on its way.
            }

            return; // Made before the hello was asked for; the one with it is on its way.
        }

        _wantsHello = false;
        var start = Wire.HelloStart(_context.Version, _context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        await SendAsync(MessageKind.Hello, update.Sequence, start, rest);
        _sentEpoch = update.Epoch;
        _sentView = update.View;
        _sentSequence = update.Sequence;
        _helloSequence = update.Sequence;
        _context.Counters.HelloSent();
    }

    private async ValueTask SendAsync(
        MessageKind kind, long sequence, ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> rest)
    {
        var head = new MessageHead(kind, sequence, IsFirst: true);
        if (!start.IsEmpty)
        {
            await SendTimedAsync(head, start, isLast: false);
            head = head with { IsFirst = false };
        }

        while (rest.Length > PieceBytes)
        {
            await SendTimedAsync(head, rest[..PieceBytes], isLast: false);
            head = head with { IsFirst = false };
            rest = rest[PieceBytes..];
        }

        await SendTimedAsync(head, rest, isLast: true);
    }

    private async ValueTask SendTimedAsync(MessageHead message, ReadOnlyMemory<byte> piece, bool isLast)
    {
        Volatile.Write(ref _sendStarted, _context.Time.GetTimestamp());
        await SendPieceAsync(message, piece, isLast);
        Volatile.Write(ref _sendStarted, NotSending);
        _context.Counters.Sent(piece.Length);
    }
}

/// <summary>What a piece belongs to.</summary>
/// <param name="Kind">The message's type.</param>
/// <param name="Sequence">Number of the tick; used where <paramref name="Kind"/> is a frame.</param>
/// <param name="IsFirst">Whether the message begins with this piece.</param>
internal readonly record struct MessageHead(MessageKind Kind, long Sequence, bool IsFirst);

/// <summary>Messages to a viewer.</summary>
internal enum MessageKind
{
    /// <summary>Static data, schema, backlog.</summary>
    Hello,

    /// <summary>The series that follow.</summary>
    Schema,

    /// <summary>The values of a tick.</summary>
    Frame,

    /// <summary>The process table, or its changes.</summary>
    Processes,

    /// <summary>The cgroup table, or its changes.</summary>
    Cgroups,
}
