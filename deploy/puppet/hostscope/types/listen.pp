# @summary An address that Hostscope serves at
type Hostscope::Listen = Pattern[/\Ahttps?:\/\/[^\/\s]+:\d{1,5}\z/]
