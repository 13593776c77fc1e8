using System.Net.WebSockets;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>
/// One connection that is sent the messages of a host. The encoder leaves updates in its mailbox and never waits; the
/// run that this starts takes the newest and sends what the viewer needs to be whole: a hello first, the schema when it
/// differs from the last one sent, the frame when it is newer. Nearly always the run ends where it began, on the same
/// thread, and a viewer at rest has no task, no timer and no buffer. Only where the other side does not keep up does it
/// go on asynchronously, while newer updates replace each other in the mailbox.
/// </summary>
internal abstract class Viewer : IThreadPoolWorkItem
{
    /// <summary>
    /// What could not be sent at once is sent in pieces of this size, each with the stalled-send limit for itself: a
    /// hello of 1 MB over a slow line moves on and is not stalled.
    /// </summary>
    public const int PieceBytes = 16 * 1024;

    /// <summary>The close code for a login that ended: the page is to ask for a new one.</summary>
    public const WebSocketCloseStatus LoginEnded = (WebSocketCloseStatus)4401;

    /// <summary>How long a viewer has to answer a close before its connection is cut.</summary>
    private static readonly TimeSpan CloseAnswerTime = TimeSpan.FromSeconds(1);

    private const long Never = -1;

    private readonly Mailbox<Update> _mailbox = new();
    private readonly ViewerContext _context;
    private readonly IOutlet _outlet;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _closing = new();
    private volatile int _topics;
    private volatile bool _wantsHello = true;
    private volatile bool _aborted;
    private volatile int _closeStatus;
    private volatile int _wantsSnapshot;
    private readonly TimeSpan _proxyTime;
    private long _cameAt;
    private long _sendStarted = Never;
    private long _closeStarted = Never;

    // Tables that the other side has dropped since the run last looked: whoever listens adds, the run takes all.
    private int _dropped;

    // The encoder's own, see Offer.
    private SlowEpisode _slow;
    private long _replaced;
    private long _offeredSequence = -1;

    // The run's own: what the other side holds. Nobody else reads or writes it, so it needs no lock; the mailbox lets
    // one run at a time in, and hands what one wrote on to the next.
    private SchemaView? _sentView;
    private long _sentSequence;
    private long _helloSequence;
    private long _sentNote;
    private long _sentProcesses;
    private long _sentCgroups;
    private int _sentEpoch = -1;

    protected Viewer(ViewerContext context, string id, Identity who, IOutlet outlet, Topics topics)
    {
        _context = context;
        _outlet = outlet;
        _topics = (int)topics;
        Id = id;
        Who = who;

        // A proxy says who somebody is at each request, and never that they are it no more: so its word ends with time.
        _cameAt = context.Time.GetTimestamp();
        _proxyTime = TimeSpan.FromDays(context.Options.Access.SessionDays);
        SeesDetails = Authority.May(who, Need.ProcessDetails);
    }

    /// <summary>Name of the connection in the log.</summary>
    public string Id { get; }

    /// <summary>Who watches.</summary>
    public Identity Who { get; }

    /// <summary>Whether it is sent arguments and users of processes.</summary>
    public bool SeesDetails { get; }

    /// <summary>What it watches.</summary>
    public Topics Topics => (Topics)_topics;

    /// <summary>Whether it needs an update with a backlog before anything else.</summary>
    public bool WantsHello => _wantsHello;

    /// <summary>The tables that it needs whole: it holds none, or missed changes.</summary>
    public Topics WantsSnapshot => (Topics)_wantsSnapshot;

    /// <summary>Why it is closed; <c>null</c> while it is open.</summary>
    public WebSocketCloseStatus? CloseStatus =>
        _closeStatus == 0 ? null : (WebSocketCloseStatus)_closeStatus;

    /// <summary>Words for <see cref="CloseStatus"/>.</summary>
    protected string CloseReason { get; private set; } = "";

    protected ViewerContext Context => _context;

    /// <summary>Where its bytes go in; writes go by <see cref="WriteAsync"/>.</summary>
    protected IOutlet Outlet => _outlet;

    /// <summary>Is complete when nothing is and will be sent any more.</summary>
    protected Task Ended => _ended.Task;

    /// <summary>Serves the connection until it ends. Never throws for what the other side does.</summary>
    public async Task ServeAsync()
    {
        await ListenAsync();
        await _ended.Task; // Nothing may be sent to a connection that the web server thinks is over.
    }

    /// <summary>
    /// Makes the next thing sent a hello: the viewer asked for it, or the host's numbering began anew.
    /// </summary>
    public void RequireHello() => _wantsHello = true;

    /// <summary>Leaves an update; the encoder only. Never waits.</summary>
    /// <returns>Whether the caller must see to it that <see cref="Run"/> is called.</returns>
    public bool Offer(Update update)
    {
        var delivery = _mailbox.Put(update);
        if (delivery == Delivery.Dropped || _offeredSequence == update.Sequence)
        {
            // The same tick again, for a new subscription or hello: nothing was replaced.
            return delivery == Delivery.Start;
        }

        _offeredSequence = update.Sequence;
        var isReplaced = delivery == Delivery.Replaced;
        if (isReplaced)
        {
            _replaced++;
            _context.Counters.FrameReplaced();
        }

        if (_slow.Note(isReplaced))
        {
            Log.ViewerSlow(_context.Log, Id, _context.HostId, _replaced);
        }

        return delivery == Delivery.Start;
    }

    /// <summary>Sends what is to be sent, without waiting; what has to wait goes on by itself.</summary>
    public void Run() => _ = RunAsync();

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Run();

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
            _closeStatus = (int)status; // One volatile word: the run reads it, and the reason, without the lock.
            Volatile.Write(ref _closeStarted, _context.Time.GetTimestamp());
        }

        Nudge();
    }

    /// <summary>
    /// Cuts the connection when a piece of a message is not taken for too long, or a close not answered. Called twice a
    /// second for every viewer, which costs less than a timer for each of them.
    /// </summary>
    public virtual void LookAfter(long now)
    {
        var stalledAfter = TimeSpan.FromSeconds(_context.Options.StalledSendSeconds);
        if (IsOver(ref _sendStarted, now, stalledAfter))
        {
            if (Abort())
            {
                _context.Counters.SlowClose();
                Log.ViewerStalled(_context.Log, Id, _context.HostId, stalledAfter.TotalSeconds);
            }
        }
        else if (IsOver(ref _closeStarted, now, CloseAnswerTime))
        {
            Abort();
        }
        else if (Who.Kind == IdentityKind.Proxy && IsOver(ref _cameAt, now, _proxyTime))
        {
            Close(LoginEnded, "the proxy is to say again who you are; reconnect");
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

        _outlet.Cut();
        Nudge();
        return true;
    }

    /// <summary>Waits until the other side is gone, and listens to it where it may say something.</summary>
    protected abstract Task ListenAsync();

    /// <summary>Sends a message.</summary>
    /// <param name="kind">Its type.</param>
    /// <param name="sequence">Number of the tick; used where <paramref name="kind"/> is a frame.</param>
    /// <param name="start">What stands before the message and is the viewer's own; mostly nothing.</param>
    /// <param name="message">The message, or its rest.</param>
    protected abstract ValueTask SendAsync(
        MessageKind kind, long sequence, ReadOnlyMemory<byte> start, Message message);

    /// <summary>Sends what the protocol wants between messages, such as the answer to a ping.</summary>
    protected abstract ValueTask SendControlAsync();

    /// <summary>Tells the other side that this is the end, and why.</summary>
    protected abstract ValueTask SendCloseAsync();

    /// <summary>Makes <see cref="SendControlAsync"/> be called soon.</summary>
    protected void Nudge()
    {
        if (_mailbox.Nudge())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Whether what began at a timestamp has lasted for too long; not when nothing did.</summary>
    protected bool IsOver(ref long began, long now, TimeSpan limit)
    {
        var since = Volatile.Read(ref began);
        return since != Never && _context.Time.GetElapsedTime(since, now) >= limit;
    }

    /// <summary>Hands bytes to the network: at once, or in pieces that are waited for.</summary>
    protected ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var taken = _outlet.TryWrite(bytes.Span);
        _context.Counters.Sent(taken);
        return taken == bytes.Length ? default : WriteRestAsync(bytes[taken..]);
    }

    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var piece = rest[..Math.Min(rest.Length, PieceBytes)];
            Volatile.Write(ref _sendStarted, _context.Time.GetTimestamp());
            await _outlet.WriteAsync(piece);
            Volatile.Write(ref _sendStarted, Never);
            _context.Counters.Sent(piece.Length);
            rest = rest[piece.Length..];
        }
    }

    /// <summary>Takes updates and sends what follows from them, until there is nothing more or all is over.</summary>
    private async Task RunAsync()
    {
        try
        {
            while (_mailbox.TryTake(out var update))
            {
                if (_aborted)
                {
                    End();
                    return;
                }

                await SendControlAsync();
                if (CloseStatus is not null)
                {
                    await SendCloseAsync();
                    End();
                    return;
                }

                if (update is not null)
                {
                    await SendUpdateAsync(update);
                }
            }
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            Close(WebSocketCloseStatus.ProtocolError, "");
            Abort();
            End();
        }
        catch (Exception e) // A bug of ours ends this viewer, and no other.
        {
            Log.ViewerFailed(_context.Log, e, Id, _context.HostId);
            Close(WebSocketCloseStatus.InternalServerError, "");
            Abort();
            End();
        }
    }

    private void End()
    {
        _mailbox.Close();
        _ended.TrySetResult();
    }

    /// <summary>
    /// What the other side, or the network, can make a write or a read throw; anything else is a bug of ours.
    /// </summary>
    protected static bool IsOfTheConnection(Exception e) =>
        e is IOException or OperationCanceledException or ObjectDisposedException;

    private async ValueTask SendUpdateAsync(Update update)
    {
        ForgetTables((Topics)Interlocked.Exchange(ref _dropped, 0));
        if (_wantsHello || update.Epoch != _sentEpoch)
        {
            await SendHelloAsync(update);
            return;
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

        if (update.Recorder is { } note && note.Number != _sentNote)
        {
            await SendAsync(MessageKind.Recorder, 0, default, note.Message);
            _sentNote = note.Number;
        }

        if ((update.Processes ?? (object?)update.Cgroups) is not null)
        {
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

    /// <summary>Asks for new topics; the schema follows at once. For whoever listens to the other side.</summary>
    protected void Subscribe(Topics topics)
    {
        // What it did not watch before, or does not from now on, it does not hold: the table begins with the whole.
        // Both, as an update made for the topics of before may still be on its way when it comes back to a table.
        Interlocked.Or(ref _dropped, (int)~(topics & Topics));
        _topics = (int)topics;
        _context.FanOut.Request(this);
    }

    /// <summary>The other side does not hold these tables, so changes to them would mean nothing.</summary>
    private void ForgetTables(Topics tables)
    {
        if ((tables & Topics.Processes) != 0)
        {
            _sentProcesses = 0;
        }

        if ((tables & Topics.Cgroups) != 0)
        {
            _sentCgroups = 0;
        }
    }

    /// <summary>Asks for a new hello.</summary>
    protected void Resync()
    {
        _wantsHello = true;
        _context.FanOut.Request(this);
    }

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
        var start = Wire.HelloStart(
            _context.Version,
            _context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            AuthInfo.Of(Who, _context.Options.Access));
        await SendAsync(MessageKind.Hello, update.Sequence, start, rest);
        _sentEpoch = update.Epoch;
        _sentView = update.View;
        _sentNote = update.Recorder?.Number ?? 0;
        _sentSequence = update.Sequence;
        _helloSequence = update.Sequence;
        ForgetTables(Topics.Processes | Topics.Cgroups); // At a hello the other side forgets what it held.
        _context.Counters.HelloSent();
    }
}

/// <summary>Messages to a viewer.</summary>
internal enum MessageKind
{
    /// <summary>Static data, schema, backlog.</summary>
    Hello,

    /// <summary>The series that follow.</summary>
    Schema,

    /// <summary>The values of a tick.</summary>
    Frame,

    /// <summary>What is kept, and whether recording works.</summary>
    Recorder,

    /// <summary>The process table, or its changes.</summary>
    Processes,

    /// <summary>The cgroup table, or its changes.</summary>
    Cgroups,
}
