using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Hostscope.Recorder.Store;

/// <summary>A file was written by a newer version of this program; it is left exactly as it is.</summary>
internal sealed class StoreVersionException(string file, long version) : IOException(
    $"{file} has format {version}; this version of Hostscope reads up to {Database.FormatVersion}. "
    + "Start the newer version, or give another directory.");

/// <summary>The header of our files: whose they are and in which version.</summary>
internal static class FileHeader
{
    /// <summary>Makes the tables of a file that is empty, and checks the header of one that is not.</summary>
    /// <exception cref="StoreVersionException">The file is of a newer version.</exception>
    /// <exception cref="SqliteException">The file is not ours, or not sound.</exception>
    public static void Prepare(Database database, string tables)
    {
        var (application, version) = database.Header();
        if (application == 0 && version == 0 && database.Number("SELECT count(*) FROM sqlite_schema") == 0)
        {
            database.Transact(() => database.Run(
                $"PRAGMA application_id={Database.ApplicationId}; "
                + $"PRAGMA user_version={Database.FormatVersion}; {tables}",
                DatabaseStep.Write));
            return;
        }

        Check(database.Name, application, version);
    }

    /// <summary>Checks the header of a file that must be one of ours.</summary>
    public static void Check(Database database)
    {
        var (application, version) = database.Header();
        Check(database.Name, application, version);
    }

    private static void Check(string name, long application, long version)
    {
        if (application == Database.ApplicationId && version > Database.FormatVersion)
        {
            throw new StoreVersionException(name, version);
        }

        if (application != Database.ApplicationId || version < 1)
        {
            throw new SqliteException($"{name} is not a file of Hostscope.", NotADatabase);
        }
    }

    /// <summary>
    /// Looks at the bytes of a header, without SQLite: opening a file may already change it. Only before any connection
    /// to the file exists, because closing a file drops the locks that SQLite holds on it.
    /// </summary>
    /// <exception cref="StoreVersionException">The file is of a newer version.</exception>
    public static void Peek(IStoreDisk disk, string name)
    {
        var start = disk.ReadStart(name, HeaderBytes);
        if (start.Length == HeaderBytes && BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(68)) is var application
            && application == Database.ApplicationId)
        {
            Check(name, application, BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(60)));
        }
    }

    /// <summary>https://www.sqlite.org/fileformat2.html: user version at offset 60, application id at 68.</summary>
    private const int HeaderBytes = 100;

    /// <summary>SQLITE_NOTADB.</summary>
    private const int NotADatabase = 26;
}
