/* Days of the civil calendar, counted in eras of 400 years (H. Hinnant, "chrono-compatible low-level date algorithms"). */
LEXPORT_API int32_t lexport_day(int32_t year, int32_t month, int32_t day)
{
    static const int32_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t shifted, era, of_era, leap;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) {
        return INT32_MIN;
    }
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 1 : 0;
    if (day > lengths[month - 1] + (month == 2 ? leap : 0)) {
        return INT32_MIN;
    }
    shifted = month <= 2 ? year - 1 : year;
    era = shifted / 400;
    of_era = shifted - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
}

