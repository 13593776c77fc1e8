namespace Hostscope.Collectors.Proc;

/// <summary>How the kernel hands out a file's content, which decides how it must be read.</summary>
internal enum ReadShape
{
    /// <summary>
    /// Record by record: a read returns whole records, at most a page of them, and a short read says nothing about the
    /// end. Most of /proc (diskstats, vmstat, mountinfo, net/dev); also right for regular files.
    /// </summary>
    Records,

    /// <summary>
    /// All at once (single_open in the kernel, and attributes of /sys): a read into a buffer that is large enough
    /// returns everything, as one consistent snapshot, and a second read to find the end would only cost a system
    /// call. /proc/stat, meminfo, loadavg, uptime, and everything below /proc/sys, which may only be read in one go.
    /// </summary>
    Whole,
}

/// <summary>
/// A file that is read each tick: opened once, then re-read from offset 0 through the kept descriptor, which spares the
/// path walk and lets /proc produce a fresh content. Opened anew when the descriptor has become useless. A read
/// allocates nothing once the buffer has grown to the file's size.
/// </summary>
internal sealed class ProcFile : IDisposable
{
    private const int Closed = -1;

    private readonly HostFiles _files;
    private readonly byte[] _pathBytes;
    private readonly ReadShape _shape;
    private int _descriptor = Closed;
    private ReadResult _failure;
    private CollectResult _failureText;
    private int _badLine;
    private CollectResult _badLineText;

    /// <summary>Makes a file without opening it: it need not exist, now or ever.</summary>
    /// <param name="files">What opens and reads it.</param>
    /// <param name="path">Absolute path.</param>
    /// <param name="shape">How the kernel hands out its content.</param>
    public ProcFile(HostFiles files, string path, ReadShape shape = ReadShape.Records)
    {
        _files = files;
        _shape = shape;
        _pathBytes = HostFiles.PathBytes(path);
        Path = path;
    }

    /// <summary>Absolute path, for messages.</summary>
    public string Path { get; }

    /// <summary>Reads the whole file into a buffer.</summary>
    public ReadResult Read(ReadBuffer buffer)
    {
        if (_descriptor != Closed)
        {
            var result = ReadAll(_files, _descriptor, buffer, _shape);
            if (result.Status is ReadStatus.Ok or ReadStatus.TooLarge)
            {
                return result;
            }

            // The descriptor may be of a file, device or process that was replaced since: ask for the path once more.
            Dispose();
        }

        var opened = _files.Open(HostFiles.NoDirectory, _pathBytes);
        if (opened < 0)
        {
            buffer.Clear();
            return ReadResult.FromErrno(-opened);
        }

        _descriptor = opened;
        var first = ReadAll(_files, _descriptor, buffer, _shape);
        if (first.Status is not (ReadStatus.Ok or ReadStatus.TooLarge))
        {
            Dispose();
        }

        return first;
    }

    /// <summary>A failed read as a collection's result; the text is made once per kind of failure.</summary>
    public CollectResult Failure(ReadResult result)
    {
        if (_failureText.Reason is null || result != _failure)
        {
            _failure = result;
            _failureText = result.ToCollectResult(Path, ReadBuffer.DefaultMaxBytes);
        }

        return _failureText;
    }

    /// <summary>The result of having understood the content; the text is made once per line.</summary>
    /// <param name="badLine">Number of the first line that is not as documented, from 1; 0 for none.</param>
    public CollectResult Understood(int badLine)
    {
        if (badLine == 0)
        {
            return CollectResult.Ok;
        }

        if (badLine != _badLine)
        {
            _badLine = badLine;
            _badLineText = CollectResult.Failed(
                $"{Path}, line {badLine}: not in the format that the kernel documents.");
        }

        return _badLineText;
    }

    /// <summary>
    /// Opens a file, reads it whole and closes it: for what is read once or seldom, and for a path relative to an open
    /// directory, as of a process.
    /// </summary>
    /// <param name="files">What opens and reads it.</param>
    /// <param name="directory">Descriptor of the directory, or <see cref="HostFiles.NoDirectory"/>.</param>
    /// <param name="path">The path, UTF-8, ending with a NUL byte.</param>
    /// <param name="buffer">Takes the content.</param>
    /// <param name="shape">How the kernel hands out its content.</param>
    public static ReadResult ReadOnce(
        HostFiles files, int directory, ReadOnlySpan<byte> path, ReadBuffer buffer, ReadShape shape = ReadShape.Records)
    {
        var descriptor = files.Open(directory, path);
        if (descriptor < 0)
        {
            buffer.Clear();
            return ReadResult.FromErrno(-descriptor);
        }

        var result = ReadAll(files, descriptor, buffer, shape);
        files.Close(descriptor);
        return result;
    }

    /// <summary>Reads an open file whole, from its beginning.</summary>
    /// <param name="files">What reads it.</param>
    /// <param name="descriptor">Its descriptor; stays open.</param>
    /// <param name="buffer">Takes the content; empty when the read failed.</param>
    /// <param name="shape">How the kernel hands out its content.</param>
    public static ReadResult ReadAll(HostFiles files, int descriptor, ReadBuffer buffer, ReadShape shape)
    {
        buffer.Clear();
        while (true)
        {
            if (buffer.Free.Length == 0 && !buffer.Grow())
            {
                buffer.Clear();
                return new ReadResult(ReadStatus.TooLarge);
            }

            var room = buffer.Free.Length;
            var count = files.Read(descriptor, buffer.Free, buffer.Length);
            if (count < 0)
            {
                buffer.Clear();
                return ReadResult.FromErrno(-count);
            }

            buffer.Advance(count);
            if (count == 0 || (shape == ReadShape.Whole && count < room))
            {
                return ReadResult.Ok;
            }
        }
    }

    /// <summary>Closes the descriptor; a later read opens the file anew.</summary>
    public void Dispose()
    {
        if (_descriptor != Closed)
        {
            _files.Close(_descriptor);
            _descriptor = Closed;
        }
    }
}
