"""Event streams over HTTP whose headers go out at once and which end as soon as their client leaves."""
