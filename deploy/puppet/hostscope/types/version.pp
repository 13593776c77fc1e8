# @summary What may be installed: any version, the newest, or one of apt's
type Hostscope::Version = Variant[Enum['installed', 'present', 'latest'], Pattern[/\A\d[A-Za-z0-9.+~:-]*\z/]]
