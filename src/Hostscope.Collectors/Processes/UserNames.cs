using System.Globalization;
using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// Names of users from passwd(5) of the host. Not from getpwuid(3): it would load the modules of the name service
/// switch into this process and ask directories over the network on the sampling thread. A user that the file does not
/// have is shown as its number.
/// </summary>
internal sealed class UserNames
{
    /// <summary>Most names kept; a file of 60,000 users is 4 MB and not read anyway.</summary>
    public const int MaxNames = 16_384;

    /// <summary>Ticks between looks at the file when a user is not known: it may have been added since.</summary>
    public const int RereadAfterTicks = 60;

    private readonly HostFiles _files;
    private readonly ReadBuffer _buffer;
    private readonly byte[] _path;
    private readonly Dictionary<uint, string> _names = [];
    private readonly Dictionary<uint, string> _numbers = [];
    private long _readAtTick = -RereadAfterTicks;

    /// <summary>Makes an empty list; the file is read when the first name is asked for.</summary>
    /// <param name="files">What reads the file.</param>
    /// <param name="etc">The folder of passwd.</param>
    /// <param name="buffer">For the content of the file.</param>
    public UserNames(HostFiles files, string etc, ReadBuffer buffer)
    {
        _files = files;
        _buffer = buffer;
        _path = HostFiles.PathBytes($"{etc}/passwd");
    }

    /// <summary>The name of a user, or its number in digits.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="tick">Number of the tick, which decides whether the file is looked at again.</param>
    public string Of(uint userId, long tick)
    {
        if (_names.TryGetValue(userId, out var name))
        {
            return name;
        }

        if (tick - _readAtTick >= RereadAfterTicks)
        {
            _readAtTick = tick;
            _names.Clear();
            if (ProcFile.ReadOnce(_files, HostFiles.NoDirectory, _path, _buffer).IsOk)
            {
                Parse(_buffer.Content, _names);
            }

            if (_names.TryGetValue(userId, out name))
            {
                return name;
            }
        }

        if (!_numbers.TryGetValue(userId, out var number))
        {
            if (_numbers.Count >= MaxNames)
            {
                _numbers.Clear();
            }

            number = userId.ToString(CultureInfo.InvariantCulture);
            _numbers.Add(userId, number);
        }

        return number;
    }

    /// <summary>Reads passwd(5); lines that are not as documented are skipped, as the C library does.</summary>
    /// <remarks>
    /// Name, password, user id, group id, comment, home, shell:
    /// <code>
    /// root:x:0:0:root:/root:/bin/bash
    /// systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin
    /// +::::::
    /// </code>
    /// </remarks>
    /// <param name="text">The file.</param>
    /// <param name="names">Takes the names; of several names of one user the first stays.</param>
    internal static void Parse(ReadOnlySpan<byte> text, Dictionary<uint, string> names)
    {
        var lines = new Lines(text);
        while (lines.Next(out var line) && names.Count < MaxNames)
        {
            var nameEnd = line.IndexOf((byte)':');
            if (nameEnd <= 0)
            {
                continue;
            }

            var rest = line[(nameEnd + 1)..];
            var passwordEnd = rest.IndexOf((byte)':');
            rest = passwordEnd < 0 ? default : rest[(passwordEnd + 1)..];
            var idEnd = rest.IndexOf((byte)':');
            if (idEnd > 0 && Fields.UInt64(rest[..idEnd], out var id) == NumberStatus.Ok && id <= uint.MaxValue)
            {
                names.TryAdd((uint)id, PrintableText.FromUtf8(line[..nameEnd]));
            }
        }
    }
}
