using System.Text;

namespace Hostscope.Fuzz.Tests;

/// <summary>Something that takes bytes from outside.</summary>
internal abstract class Target(string name)
{
    /// <summary>Names it in tests, and its folder below tests/fixtures/fuzz.</summary>
    public string Name => name;

    /// <summary>Sound inputs: what is mutated.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words that mean something to it, besides numbers.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Longest input, bytes: four times what any reader takes whole, where nothing else bounds it.</summary>
    public virtual int MaxBytes => 64 * 1024;

    /// <summary>How many bytes at the beginning of an input say what it is, and stay.</summary>
    public virtual int HeadLength(byte[] input) => 0;

    /// <summary>
    /// Feeds it; throws when the outcome is none that is allowed. The same input gives the same outcome.
    /// </summary>
    public abstract void Run(byte[] input);

    /// <summary>Ends what it has started.</summary>
    public virtual void Close()
    {
    }

    /// <summary>An input that begins with lines that stay: which file it is the content of.</summary>
    protected static byte[] Input(ReadOnlySpan<byte> content, params string[] head) =>
        [.. Encoding.UTF8.GetBytes(string.Concat(head.Select(line => line + "\n"))), .. content];

    /// <summary>Takes the first lines off.</summary>
    protected static byte[] Split(byte[] input, int lines, out string[] head)
    {
        var from = 0;
        head = new string[lines];
        for (var i = 0; i < lines; i++)
        {
            var end = Array.IndexOf(input, (byte)'\n', from);
            head[i] = end < 0 ? "" : Encoding.UTF8.GetString(input, from, end - from);
            from = end < 0 ? input.Length : end + 1;
        }

        return input[from..];
    }

    /// <summary>Length of the first lines.</summary>
    protected static int LengthOfLines(byte[] input, int lines) => input.Length - Split(input, lines, out _).Length;
}
